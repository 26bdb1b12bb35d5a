"""moonlab.vm's files: whole or not at all."""

import os
import resource

from program import equal, folder, run

HEAD = "local vm = require 'moonlab.vm' "


def says(code, expected, cwd, prepare=None):
    out = run("-e", HEAD + code, cwd=cwd, prepare=prepare)
    equal((out.stdout, out.stderr), (expected, ""), code)


def small_files():
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))


def test_write_atomic_replaces_the_file_and_leaves_no_other():
    with folder() as path:
        (path / "x").write_text("old")
        says("print(vm.write_atomic('x', 'new\\0text'), vm.read 'x' == 'new\\0text')", "true\ttrue\n", path)
        equal(os.listdir(path), ["x"])


def test_a_write_that_fails_keeps_the_old_file_and_leaves_nothing():
    with folder() as path:
        (path / "x").write_text("old")
        says("print(vm.write_atomic('x', ('y'):rep(5000)))", "nil\tx: can't be written: File too large\n", path, small_files)
        equal((os.listdir(path), (path / "x").read_text()), (["x"], "old"))
        says("print(vm.write_atomic('no/x', 'y'))", "nil\tno/x: can't be written: its folder does not exist\n", path)
        (path / "d").mkdir()
        says("print(vm.write_atomic('d', 'y'))", "nil\td: is a folder, not a file\n", path)
        equal(sorted(os.listdir(path)), ["d", "x"])


def test_a_line_is_appended_whole_or_not_at_all():
    with folder() as path:
        says("print(vm.append_line('log', 'one'), vm.append_line('log', 'two'))", "true\ttrue\n", path)
        says("print(vm.append_line('log', ('y'):rep(5000)))", "nil\tlog: File too large\n", path, small_files)
        equal((path / "log").read_text(), "one\ntwo\n")
        says("print(vm.append_line('/dev/full', 'x'))", "nil\t/dev/full: No space left on device\n", path)


def test_a_folder_that_is_locked_is_free_when_it_is_let_go():
    with folder() as path:
        (path / "d").mkdir()
        says("do local a <close> = vm.lock_folder 'd' print(vm.lock_folder 'd') end local b <close> = vm.lock_folder 'd' print(b ~= nil)",
             "nil\ntrue\n", path)
        says("print(vm.lock_folder 'none')", "nil\tnone: No such file or directory\n", path)
        says("local a = vm.lock_folder 'd' os.execute(\"kill -9 $PPID\")", "", path)
        says("print(vm.lock_folder 'd' ~= nil)", "true\n", path)


def test_folders_are_made_listed_and_removed():
    with folder() as path:
        says("print(vm.mkdir 'a/b') print(vm.mkdir('a/b/c', true), vm.mkdir('a/b', true)) print(vm.mkdir 'a')",
             "nil\ta/b: No such file or directory\ntrue\ttrue\nnil\ta: File exists\n", path)
        for name in ("b", "B", "a10", "a9", "ä"):
            (path / "a" / name).mkdir(exist_ok=True)
        says("print(table.concat(vm.listdir 'a', ' ')) print(vm.listdir 'none')",
             "B a10 a9 b ä\nnil\tnone: No such file or directory\n", path)
        (path / "keep").write_text("kept")
        (path / "a" / "link").symlink_to(path / "keep")
        (path / "a" / "away").symlink_to("/tmp")
        says("print(vm.remove_tree 'a', vm.remove_tree 'a', vm.exists 'a', vm.exists 'keep', vm.exists '.', vm.exists '/dev/null')",
             "true\ttrue\tfalse\tfile\tdirectory\tother\n", path)


def test_a_temporary_folder_is_new_and_beside_its_place():
    with folder() as path:
        says("local a, b = vm.temporary_folder 'run', vm.temporary_folder 'run' print(a ~= b, a:match '^run%.', vm.exists(a))"
             " print(vm.temporary_folder 'no/run') print(os.rename(a, 'run'), vm.sync_folder '.')",
             "true\trun.\tdirectory\nnil\tno/run: No such file or directory\ntrue\ttrue\n", path)


def test_paths_are_resolved_and_sizes_told():
    with folder() as path:
        (path / "x").write_text("12345")
        (path / "y").symlink_to("x")
        says("print(vm.realpath 'y', vm.size 'y') print(vm.realpath 'none') print(vm.read '.')",
             f"{path.resolve()}/x\t5\nnil\tnone: No such file or directory\nnil\t.: is a folder, not a file\n", path)


def closed_streams():
    for fd in range(3):
        os.close(fd)


def test_a_file_does_not_take_the_place_of_a_stream_that_is_closed():
    with folder() as path:
        run("-e", "local files = {} for i = 1, 3 do files[i] = io.open('kept' .. i, 'w') end print 'a message' io.stderr:write 'another'", cwd=path,
            prepare=closed_streams)
        equal([(path / f"kept{i}").read_text() for i in (1, 2, 3)], ["", "", ""])
