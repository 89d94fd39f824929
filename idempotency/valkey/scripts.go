package valkey

// What scripts answer, besides a record's text and nothing.
const (
	isLost   = "lost"
	isBroken = "broken"
)

// read is the beginning of every script: the record under the key, or nil.
const read = `
local text = redis.call('GET', KEYS[1])
local record = nil
if text then
  local ok
  ok, record = pcall(cjson.decode, text)
  if not ok or type(record) ~= 'table' then return 'broken' end
end
`

const write = `
redis.call('SET', KEYS[1], ARGV[2])
redis.call('PEXPIREAT', KEYS[1], ARGV[3])
return ''
`

// beginScript writes a record where there is none that is live: idempotency.Record.Live.
const beginScript = read + `
if record then
  local now = tonumber(ARGV[4])
  local expiration = tonumber(record.expiration)
  local lease = tonumber(record.in_progress_expiration)
  local over = expiration and expiration * 1000 < now
  if record.status == 'INPROGRESS' and lease and lease < now then over = true end
  if not over then return text end
end
` + write

const completeScript = read + `
if not record or record.owner ~= ARGV[1] then return 'lost' end
` + write

const extendScript = read + `
if not record or record.owner ~= ARGV[1] or record.status ~= 'INPROGRESS' then return 'lost' end
if (tonumber(record.in_progress_expiration) or 0) >= tonumber(ARGV[4]) then return '' end
` + write

const deleteScript = read + `
if not record then return '' end
if record.owner ~= ARGV[1] then return 'lost' end
redis.call('DEL', KEYS[1])
return ''
`
