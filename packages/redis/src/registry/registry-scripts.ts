/**
 * What the registry does in one step on the server. Each script may run twice with the same outcome.
 *
 * @module
 */

/**
 * Writes a record and its memberships.
 *
 * KEYS: the record, sets to join, sets to leave. ARGV: JSON, ms to live of the record, id, number of sets to join.
 * A set lives twice as long as its longest-lived member's record and is never shortened: others are in it too.
 * Returns 1 when the record was there before, else 0.
 */
export const registerScript = `
local existed = redis.call('EXISTS', KEYS[1])
local ttl = tonumber(ARGV[2])
redis.call('SET', KEYS[1], ARGV[1], 'PX', ttl)
local joins = tonumber(ARGV[4])
for index = 2, #KEYS do
  if index <= joins + 1 then
    redis.call('SADD', KEYS[index], ARGV[3])
    if redis.call('PTTL', KEYS[index]) < 2 * ttl then redis.call('PEXPIRE', KEYS[index], 2 * ttl) end
  else
    redis.call('SREM', KEYS[index], ARGV[3])
  end
end
return existed`;

/** Removes a record and its memberships. KEYS: the record, sets to leave. ARGV: id. */
export const unregisterScript = `
redis.call('DEL', KEYS[1])
for index = 2, #KEYS do redis.call('SREM', KEYS[index], ARGV[1]) end
return 1`;

/**
 * Replaces a record that still is what was read, with the time it has left. KEYS: the record. ARGV: text read, new text.
 * Returns 1 when it was replaced.
 */
export const replaceScript = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
local left = redis.call('PTTL', KEYS[1])
if left > 0 then redis.call('SET', KEYS[1], ARGV[2], 'PX', left) else redis.call('SET', KEYS[1], ARGV[2]) end
return 1`;

/**
 * Removes members whose record is gone. KEYS: the set, the members' records. ARGV: the members' ids.
 * Looked at again here: a member may have come back since somebody found it dead.
 */
export const sweepScript = `
local removed = 0
for index = 2, #KEYS do
  if redis.call('EXISTS', KEYS[index]) == 0 then removed = removed + redis.call('SREM', KEYS[1], ARGV[index - 1]) end
end
return removed`;
