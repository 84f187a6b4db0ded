-- Changes a row that is kept as a hash, if it is there.
-- KEYS: where it is to be, where it is now (the same, unless the row gets another key).
-- ARGV: milliseconds until it expires (0: never), then for each column: what to do, name, value.
local from = KEYS[2] or KEYS[1]
if redis.call('TYPE', from).ok ~= 'hash' then
  return 0
end
if from ~= KEYS[1] then
  redis.call('RENAME', from, KEYS[1])
end
for i = 2, #ARGV, 3 do
  local what, name, value = ARGV[i], ARGV[i + 1], ARGV[i + 2]
  if what == 'set' then
    redis.call('HSET', KEYS[1], name, value)
  elseif what == 'null' then
    redis.call('HDEL', KEYS[1], name)
  else
    local now = redis.call('HGET', KEYS[1], name)
    if now then
      redis.call('HSET', KEYS[1], name, add(now, value))
    end
  end
end
if ARGV[1] ~= '0' then
  redis.call('PEXPIRE', KEYS[1], ARGV[1])
end
return 1
