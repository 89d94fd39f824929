package xray

// kind is the meaning of an attribute for a document. An attribute's older and current names in
// the semantic conventions have the same kind.
type kind uint8

const (
	other kind = iota
	annotationKeys
	awsService
	awsRemoteService
	awsLocalService
	awsOperation
	awsRegion
	awsAccount
	awsRequestID
	awsQueueURL
	awsTableName
	awsTableNames
	awsBucket
	awsTopic
	awsFunction
	awsRetries
	messagingURL
	messageType
	messageSize
	responseSize
	clientIP
	peerIP
	networkPeer
	databaseName
	databaseStatement
	databaseSystem
	databaseUser
	databaseConnection
	endUser
	errorType
	expectedError
	httpFlavourHost // http.host
	httpMethod
	httpScheme
	httpServerName
	httpStatus
	httpTarget
	hostName
	netHostName
	netHostPort
	netPeerName
	netPeerPort
	peerService
	rpcMethod
	rpcService
	rpcSystem
	serverAddress
	serverPort
	urlFull
	urlPath
	urlQuery
	userAgent
	kinds // number of kinds
)

func kindOf(key string) kind {
	switch key {
	case string(Annotations):
		return annotationKeys
	case "aws.service":
		return awsService
	case "aws.remote.service":
		return awsRemoteService
	case "aws.local.service":
		return awsLocalService
	case "aws.operation":
		return awsOperation
	case "aws.region":
		return awsRegion
	case "aws.account_id":
		return awsAccount
	case "aws.request_id", "aws.requestId":
		return awsRequestID
	case "aws.queue_url", "aws.queue.url", "aws.sqs.queue.url":
		return awsQueueURL
	case "aws.table_name", "aws.table.name":
		return awsTableName
	case "aws.dynamodb.table_names":
		return awsTableNames
	case "aws.s3.bucket":
		return awsBucket
	case "aws.sns.topic.arn":
		return awsTopic
	case "faas.invoked_name":
		return awsFunction
	case "aws.retries":
		return awsRetries
	case "messaging.url":
		return messagingURL
	case "message.type":
		return messageType
	case "messaging.message_payload_size_bytes", "messaging.message.body.size":
		return messageSize
	case "http.response.body.size", "http.response_content_length":
		return responseSize
	case "http.client_ip", "client.address":
		return clientIP
	case "net.peer.ip":
		return peerIP
	case "network.peer.address":
		return networkPeer
	case "db.name", "db.namespace":
		return databaseName
	case "db.statement", "db.query.text":
		return databaseStatement
	case "db.system", "db.system.name":
		return databaseSystem
	case "db.user":
		return databaseUser
	case "db.connection_string":
		return databaseConnection
	case "enduser.id":
		return endUser
	case "error.type":
		return errorType
	case "aws.expected_error":
		return expectedError
	case "http.host":
		return httpFlavourHost
	case "http.method", "http.request.method":
		return httpMethod
	case "http.scheme", "url.scheme":
		return httpScheme
	case "http.server_name":
		return httpServerName
	case "http.status_code", "http.response.status_code":
		return httpStatus
	case "http.target":
		return httpTarget
	case "host.name":
		return hostName
	case "net.host.name":
		return netHostName
	case "net.host.port":
		return netHostPort
	case "net.peer.name":
		return netPeerName
	case "net.peer.port", "network.peer.port":
		return netPeerPort
	case "peer.service":
		return peerService
	case "rpc.method":
		return rpcMethod
	case "rpc.service":
		return rpcService
	case "rpc.system", "rpc.system.name":
		return rpcSystem
	case "server.address":
		return serverAddress
	case "server.port":
		return serverPort
	case "http.url", "url.full":
		return urlFull
	case "url.path":
		return urlPath
	case "url.query":
		return urlQuery
	case "http.user_agent", "user_agent.original":
		return userAgent
	}
	return other
}

// database returns X-Ray's name of an SQL database system, and whether name is such a system in
// the semantic conventions.
func database(name string) (string, bool) {
	switch name {
	case "db2", "derby", "hive", "mariadb", "mssql", "mysql", "oracle", "postgresql", "sqlite", "teradata", "other_sql":
		return name, true
	case "ibm.db2":
		return "db2", true
	case "microsoft.sql_server":
		return "mssql", true
	case "oracle.db":
		return "oracle", true
	}
	return "", false
}
