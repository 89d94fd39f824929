package valkey

// Answers of the scripts. Other answers are the JSON of a record, and an empty string for success.
const (
	isLost   = "lost"
	isBroken = "broken"
)

// read begins every script: it reads the record, which may be nil.
const read = `
local text = redis.call('GET', KEYS[1])
local record = nil
if text then
  local ok
  ok, record = pcall(cjson.decode, text)
  if not ok or type(record) ~= 'table' then return 'broken' end
end
`

// rewrite replaces a record. It changes the time to live by as much as the expiration, because the
// clocks of the server and its clients may differ.
const rewrite = `
local ttl = redis.call('PTTL', KEYS[1])
local moved = (tonumber(ARGV[3]) - (tonumber(record.expiration) or tonumber(ARGV[3]))) * 1000
redis.call('SET', KEYS[1], ARGV[2], 'PX', string.format('%.0f', math.max(ttl + moved, 60000)))
return ''
`

// beginScript writes a record unless the key has a live one (idempotency.Record.Live).
const beginScript = read + `
if record then
  local now = tonumber(ARGV[4])
  local expiration = tonumber(record.expiration)
  local lease = tonumber(record.in_progress_expiration)
  local over = expiration and expiration * 1000 < now
  if record.status == 'INPROGRESS' and lease and lease < now then over = true end
  if not over then return text end
end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[5])
return ''
`

const completeScript = read + `
if not record or record.owner ~= ARGV[1] then return 'lost' end
` + rewrite

const extendScript = read + `
if not record or record.owner ~= ARGV[1] or record.status ~= 'INPROGRESS' then return 'lost' end
if (tonumber(record.in_progress_expiration) or 0) >= tonumber(ARGV[4]) then return '' end
` + rewrite

const deleteScript = read + `
if not record then return '' end
if record.owner ~= ARGV[1] then return 'lost' end
redis.call('DEL', KEYS[1])
return ''
`
