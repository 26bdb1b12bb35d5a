-- XML is read strictly: what is well formed gives what it says, what is not is an error with its place.

local xml = require "moonlab.data.xml"
local lu = require "luaunit"

TestXml = {}

local function fails(message, text)
  local ok, failure = pcall(xml.decode, text)
  lu.assertFalse(ok, text)
  lu.assertEquals(failure, message)
end

function TestXml:test_elements_attributes_and_text()
  local root = xml.decode '<?xml version="1.0"?>\n<!-- note --><a x="1" y=\'2 "3"\'><b/>one<b z = "4">two</b > three</a>\n'
  lu.assertEquals({ root.name, root.attributes, root.text, #root }, { "a", { x = "1", y = '2 "3"' }, "one three", 2 })
  lu.assertEquals({ root[2].text, root[2].attributes.z, xml.child(root, "b") == root[1] }, { "two", "4", true })
  lu.assertNil(xml.child(root, "c"))
end

function TestXml:test_entities_and_characters_by_number()
  lu.assertEquals(xml.decode "<a b='&lt;&#x41;'>&amp;&gt;&apos;&quot;&#233;&#x1F642;</a>".text, "&>'\"é🙂")
  lu.assertEquals(xml.decode "<a b='&lt;&#x41;'/>".attributes.b, "<A")
end

function TestXml:test_CDATA_and_comments_within_text()
  lu.assertEquals(xml.decode "<a>x<![CDATA[<&>]]><!-- no -->y<?php z?></a>".text, "x<&>y")
end

function TestXml:test_line_ends_and_a_byte_order_mark()
  lu.assertEquals(xml.decode "\u{FEFF}<a>1\r\n2\r3</a>".text, "1\n2\n3")
end

function TestXml:test_names_outside_of_ASCII() lu.assertEquals(xml.decode "<größe ä='1'/>".name, "größe") end

function TestXml:test_what_is_not_well_formed_is_named_with_its_place()
  fails("xml: '</b>' expected, got '</a>' at line 2, column 4", "<a>\n<b></a></b>")
  fails("xml: '</a>' is missing at line 1, column 4", "<a>")
  fails("xml: '<a' without end at line 1, column 8", "<a b=''")
  fails("xml: a second attribute 'b' at line 1, column 10", "<a b='1' b='2'/>")
  fails("xml: a blank or '>' expected at line 1, column 9", "<a b='1'c='2'/>")
  fails("xml: '=' expected at line 1, column 5", "<a b/>")
  fails("xml: a value in quotes expected at line 1, column 6", "<a b=1/>")
  fails("xml: '<' inside a value; write &lt; at line 1, column 7", "<a b='<'/>")
  fails("xml: '&' begins no entity; write &amp; at line 1, column 6", "<a>x & y</a>")
  fails("xml: unknown entity '&nbsp;' at line 1, column 4", "<a>&nbsp;</a>")
  fails("xml: '&#0;' is no character at line 1, column 4", "<a>&#0;</a>")
  fails("xml: '&#xD800;' is no character at line 1, column 4", "<a>&#xD800;</a>")
  fails("xml: more than one element at line 1, column 5", "<a/><b/>")
  fails("xml: '<' expected at line 1, column 1", "")
  fails("xml: a comment without end at line 1, column 4", "<a><!-- x</a>")
  fails("xml: a CDATA section without end at line 1, column 4", "<a><![CDATA[x</a>")
  fails("xml: ']]>' outside of CDATA at line 1, column 4", "<a>]]></a>")
  fails("xml: bytes that are no UTF-8 at line 1, column 4", "<a>\xE9</a>")
  fails("xml: a control character at line 1, column 4", "<a>\1</a>")
  fails("xml: the name of an element expected at line 1, column 2", "<1/>")
end

function TestXml:test_a_document_type_is_refused()
  fails("xml: a document type, which is refused at line 1, column 1", '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>')
end

function TestXml:test_depth_is_bounded()
  fails("xml: nested too deeply at line 1, column 601", ("<a>"):rep(1000))
  lu.assertEquals(xml.decode(("<a>"):rep(200) .. ("</a>"):rep(200)).name, "a")
end

function TestXml:test_a_long_document_takes_time_in_proportion()
  local text = "<a>" .. ("<b c='d'>e</b> f "):rep(20000) .. "</a>"
  lu.assertEquals(#xml.decode(text), 20000) -- a search to its end for each piece would take minutes
end

function TestXml:test_every_truncation_is_an_error()
  local text = "<?xml version='1.0'?><a b='&lt;'><!-- c --><d>e<![CDATA[f]]></d><g/></a>"
  for n = 0, #text - 1 do lu.assertFalse(pcall(xml.decode, text:sub(1, n)), n) end
  lu.assertTrue(pcall(xml.decode, text))
end
