-- A tab from its opening to its end: opened, one item, paid in cash in full. One thread with one
-- connection is one till.
local steps = {}
local step, tab, version, table_number = 1, nil, nil, 0

function init(_)
   wrk.headers["content-type"] = "application/json"
end

function request()
   return steps[step]()
end

steps[1] = function()
   table_number = table_number % 40 + 1
   return wrk.format("POST", "/till/v1/tabs", nil, string.format('{"tableId":"tbl_%d"}', table_number))
end

steps[2] = function()
   local body = string.format('{"version":%d,"items":[{"plu":"PLU000"}]}', version)
   return wrk.format("POST", "/till/v1/tabs/" .. tab .. "/items", nil, body)
end

steps[3] = function()
   local body = string.format('{"version":%d,"type":"cash","tendered":2000}', version)
   return wrk.format("POST", "/till/v1/tabs/" .. tab .. "/payments", nil, body)
end

-- After an answer that is none of the expected ones the next tab is begun.
function response(status, _, body)
   if status ~= 200 then
      step = 1
      return
   end
   tab = body:match('"id":"(ord_[^"]+)"')
   version = tonumber(body:match('"version":(%d+)'))
   step = step % 3 + 1
end
