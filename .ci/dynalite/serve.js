// Serves DynamoDB's API on a free port of 127.0.0.1, and prints the port.
const server = require('dynalite')({ createTableMs: 0 })

// It would end at a client that is killed in the middle of a request, as tests do it.
process.on('uncaughtException', (err) => {
  if (err.code !== 'ECONNRESET') throw err
})
server.listen(0, '127.0.0.1', () => console.log(server.address().port))
