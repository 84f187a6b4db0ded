-- Changes a row that is kept as a JSON text, if it is there. Its members are found, never decoded: numbers stay exact.
-- KEYS: where it is to be, where it is now (the same, unless the row gets another key).
-- ARGV: milliseconds until it expires (0: never), then for each column: what to do, name and value as JSON.
local function stringEnd(text, at)
  repeat
    at = string.find(text, '["\\]', at + 1)
    local escaped = string.sub(text, at, at) == '\\'
    if escaped then
      at = at + 1
    end
  until not escaped
  return at
end

local function valueEnd(text, at)
  local depth = 0
  while true do
    at = string.find(text, '["%[%]{},]', at)
    local char = string.sub(text, at, at)
    if char == '"' then
      at = stringEnd(text, at)
    elseif char == '[' or char == '{' then
      depth = depth + 1
    elseif depth == 0 then
      return at - 1
    elseif char ~= ',' then
      depth = depth - 1
    end
    at = at + 1
  end
end

local from = KEYS[2] or KEYS[1]
if redis.call('TYPE', from).ok ~= 'string' then
  return 0
end
local names, values = {}, {}
local function parse(text)
  local at = 2
  while at < #text do
    local nameEnd = stringEnd(text, at)
    local name = string.sub(text, at, nameEnd)
    local last = valueEnd(text, nameEnd + 2)
    names[#names + 1] = name
    values[name] = string.sub(text, nameEnd + 2, last)
    at = last + 2
  end
end
-- What is no row of ours stays: within EXEC, nothing may fail.
if not pcall(parse, redis.call('GET', from)) then
  return 0
end
for i = 2, #ARGV, 3 do
  local what, name, value = ARGV[i], ARGV[i + 1], ARGV[i + 2]
  if not values[name] then
    names[#names + 1] = name
    values[name] = 'null'
  end
  if what == 'add' then
    values[name] = add(values[name], value)
  else
    values[name] = value
  end
end
local members = {}
for i, name in ipairs(names) do
  members[i] = name .. ':' .. values[name]
end
if from ~= KEYS[1] then
  redis.call('RENAME', from, KEYS[1])
end
redis.call('SET', KEYS[1], '{' .. table.concat(members, ',') .. '}', 'KEEPTTL')
if ARGV[1] ~= '0' then
  redis.call('PEXPIRE', KEYS[1], ARGV[1])
end
return 1
