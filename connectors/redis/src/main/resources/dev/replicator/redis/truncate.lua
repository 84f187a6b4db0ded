-- Removes all rows of a table. KEYS: one that belongs to the same slot. ARGV: pattern of the keys, their type.
local cursor = '0'
repeat
  local page = redis.call('SCAN', cursor, 'MATCH', ARGV[1], 'COUNT', '1000', 'TYPE', ARGV[2])
  cursor = page[1]
  for _, key in ipairs(page[2]) do
    redis.call('UNLINK', key)
  end
until cursor == '0'
return 1
