-- A new order with each request. Arguments: the tag of this run, and a file with the body, in which
-- @ID@ stands for something unique.
local pieces, tag = {}, nil
local turn = 0

function init(args)
   local body = assert(io.open(args[2])):read("*a") .. "@ID@"
   for piece in body:gmatch("(.-)@ID@") do
      pieces[#pieces + 1] = piece
   end
   tag = args[1]
   wrk.headers["content-type"] = "application/json"
end

function request()
   turn = turn + 1
   local body = table.concat(pieces, tag .. "-" .. turn)
   return wrk.format("POST", "/v1/orders", nil, body)
end
