-- An item with a modifier for one tab after another. One thread with one connection is one till, and
-- has tabs of its own. Arguments: the tag of this run, how many seeded tabs there are, and the number of
-- tills.
local tills_made = 0

function setup(thread)
   thread:set("till", tills_made)
   tills_made = tills_made + 1
end

local mine
local versions = {}
local turn = 0

function init(args)
   local count, tills = tonumber(args[2]), tonumber(args[3])
   mine = {}
   for tab = till + 1, count, tills do
      mine[#mine + 1] = tab
   end
   wrk.headers["content-type"] = "application/json"
end

function request()
   local path = string.format("/till/v1/tabs/ord_0000000t%024x/items", mine[turn % #mine + 1])
   local plu = turn % 10
   local body = string.format(
      '{"version":%d,"items":[{"plu":"PLU00%d","modifiers":[{"plu":"MOD00%d"}]}]}',
      versions[turn % #mine + 1] or 1, plu, plu)
   return wrk.format("POST", path, nil, body)
end

-- What was not answered as it should be is not known to be there: the same tab is tried again.
function response(status, _, body)
   if status == 200 then
      versions[turn % #mine + 1] = tonumber(body:match('"version":(%d+)'))
      turn = turn + 1
   end
end
