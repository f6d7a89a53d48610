"""The steps of a job's queue state that must be atomic, in Lua: Redis runs each as one command.

Times are Redis' own clock in seconds, so that machines whose clocks differ agree on who is alive.
Every script takes the job's keys first (see `JobState`), then its arguments.
"""

_NOW = """
local clock = redis.call('TIME')
local now = tonumber(clock[1]) + tonumber(clock[2]) / 1000000
"""

TAKE_NEXT = (
    _NOW
    + """
-- KEYS backlog, sent; ARGV most sent, seconds kept
local taken = {}
while redis.call('ZCARD', KEYS[2]) < tonumber(ARGV[1]) do
  local first = redis.call('ZPOPMIN', KEYS[1])
  if #first == 0 then break end
  redis.call('ZADD', KEYS[2], now, first[1])
  taken[#taken + 1] = first[1]
end
redis.call('EXPIRE', KEYS[2], ARGV[2])
return taken
"""
)

START = (
    _NOW
    + """
-- KEYS backlog, sent, running, attempts; ARGV item, silence, take over, seconds kept
local seen = redis.call('ZSCORE', KEYS[3], ARGV[1])
if seen and ARGV[3] == '0' and now - tonumber(seen) < tonumber(ARGV[2]) then return -1 end
redis.call('ZREM', KEYS[1], ARGV[1])
redis.call('ZREM', KEYS[2], ARGV[1])
redis.call('ZADD', KEYS[3], now, ARGV[1])
redis.call('EXPIRE', KEYS[3], ARGV[4])
local attempts = redis.call('HINCRBY', KEYS[4], ARGV[1], 1)
redis.call('EXPIRE', KEYS[4], ARGV[4])
return attempts
"""
)

RENEW = (
    _NOW
    + """
-- KEYS running, progress, cancelled; ARGV item, report, seconds kept
redis.call('ZADD', KEYS[1], now, ARGV[1])
redis.call('HSET', KEYS[2], ARGV[1], ARGV[2])
redis.call('EXPIRE', KEYS[1], ARGV[3])
redis.call('EXPIRE', KEYS[2], ARGV[3])
return redis.call('EXISTS', KEYS[3])
"""
)

RENEW_SENT = (
    _NOW
    + """
-- KEYS sent; ARGV item. Does nothing once a child has started it.
return redis.call('ZADD', KEYS[1], 'XX', now, ARGV[1])
"""
)

CLAIM = (
    _NOW
    + """
-- KEYS sent, running; ARGV item, silence, seconds kept
for _, key in ipairs(KEYS) do
  local seen = redis.call('ZSCORE', key, ARGV[1])
  if seen and now - tonumber(seen) < tonumber(ARGV[2]) then return 0 end
end
redis.call('ZREM', KEYS[2], ARGV[1])
redis.call('ZADD', KEYS[1], now, ARGV[1])
redis.call('EXPIRE', KEYS[1], ARGV[3])
return 1
"""
)
