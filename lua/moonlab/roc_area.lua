--- The area under the ROC curve: the share of pairs of a positive and a negative that stand in the right order, pairs of equal scores
-- counted half (Mann and Whitney 1947).
-- @param answers  a list of { score, how many positives have it, how many negatives }; it is sorted
-- @return a number from 0 to 1; nil where there are no positives or no negatives
return function(answers)
  table.sort(answers, function(a, b) return a[1] < b[1] end)
  local below, positives, right, i = 0, 0, 0, 1
  while i <= #answers do
    local p, n, score = 0, 0, answers[i][1]
    while answers[i] and answers[i][1] == score do
      p, n, i = p + answers[i][2], n + answers[i][3], i + 1
    end
    right = right + p * (below + n / 2)
    below, positives = below + n, positives + p
  end
  return positives > 0 and below > 0 and right / (positives * below) or nil
end
