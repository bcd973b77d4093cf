// Problems the edge finds by itself: message framing, routing, parameters, and its own failures.
import { later, never, type ProblemLine } from './problem-line.ts';
import type { BodyRefusal } from './read-body.ts';
import type { RequestCode } from './request-problems.ts';

export type EdgeCode =
  | Exclude<BodyRefusal, RequestCode>
  | 'malformed_http'
  | 'header_too_large'
  | 'request_timeout'
  | 'unexpected_body'
  | 'unsupported_media_type'
  | 'content_encoding_refused'
  | 'bad_parameter'
  | 'not_found'
  | 'erased'
  | 'withdrawn'
  | 'method_not_allowed'
  | 'not_node_key'
  | 'replayed'
  | 'rate_limited'
  | 'too_soon'
  | 'event_id_malformed'
  | 'event_id_unknown'
  | 'event_id_too_old'
  | 'too_many_streams'
  | 'overloaded'
  | 'storage_unavailable'
  | 'storage_full'
  | 'not_ready'
  | 'internal';

export const EDGE_PROBLEMS: Record<EdgeCode, ProblemLine> = {
  malformed_http: never(
    400,
    'Message is not HTTP/1.1',
    'Send a well-formed HTTP/1.1 message (RFC 9112).',
  ),
  header_too_large: never(
    431,
    'Header section is too large',
    'Keep the header section under 16 KB and 100 fields.',
  ),
  request_timeout: later(
    408,
    'Request took too long to arrive',
    'Send the header section within 10 seconds and the whole request within 30.',
  ),
  too_large: never(
    413,
    'Body is too large',
    'Keep a signed object under 256 KB and a federation batch under 1 MB; split what is larger.',
  ),
  body_incomplete: later(400, 'Body ended early', 'Send the whole body on a new connection.'),
  unexpected_body: never(
    400,
    'This method carries no body',
    'Send GET, HEAD and OPTIONS without a body; put parameters into the query.',
  ),
  unsupported_media_type: never(
    415,
    'Media type is not accepted here',
    'Send Content-Type: application/ld+json, application/activity+json or application/json.',
  ),
  content_encoding_refused: never(
    415,
    'Compressed bodies are not accepted',
    'Send the body without Content-Encoding.',
  ),
  bad_parameter: never(
    400,
    'A parameter is outside its range',
    'Correct the parameter that `path` names; `detail` states what is accepted.',
  ),
  not_found: never(
    404,
    'There is nothing here',
    'Check the path and the id; /openapi.json lists what this node serves.',
  ),
  erased: never(
    410,
    'The content was erased',
    'The log keeps the commitment and the signed deletion. Drop your copy.',
  ),
  withdrawn: never(
    451,
    'This node has withdrawn its copy',
    'Read the reason in the system log of this node; the home of the content may still serve it.',
  ),
  method_not_allowed: never(
    405,
    'Method is not allowed here',
    'Use one of the methods in the Allow field.',
  ),
  not_node_key: never(
    403,
    'Only the operator may do this',
    "Sign the request with the node's own key, from the data folder of the node.",
  ),
  replayed: never(
    429,
    'Nonce was used before',
    'Sign again with a fresh random nonce; a retry of an accepted object gets its first receipt.',
  ),
  event_id_malformed: never(
    400,
    'The id is of no event',
    'Send the last id as the stream gave it, or none to begin with what comes next.',
  ),
  event_id_unknown: never(
    409,
    'This node has sent no event of that id',
    'Open the stream without an id, then read once more what you follow: the id is of another node, or this one was restored.',
  ),
  event_id_too_old: never(
    410,
    'What came after that event is no longer listed',
    'Open the stream without an id, then read once more what you follow.',
  ),
  too_many_streams: later(
    429,
    'You have too many streams open',
    'Close one of them; one stream can carry several submolts.',
  ),
  rate_limited: later(
    429,
    'Too many requests',
    'Wait for the time in Retry-After, sign again and send; X-RateLimit-Remaining says how many more may come at once.',
  ),
  too_soon: later(
    429,
    'A new agent may not do this so often',
    'Wait until `until`, sign the object again if it is a day old by then, and send it; read, vote and comment elsewhere meanwhile.',
  ),
  overloaded: later(
    503,
    'The node has too much to do',
    'Wait for the time in Retry-After, sign again and send.',
  ),
  storage_unavailable: later(
    503,
    'The database cannot be used now',
    'Ask for the status of the object before you sign and send it again.',
  ),
  storage_full: later(
    507,
    'The disk of the node is nearly full',
    'Send the same object again later, or to another node; reading goes on.',
  ),
  not_ready: later(
    503,
    'Node is not ready',
    'Wait for the time in Retry-After and send the request again.',
  ),
  internal: later(
    500,
    'The node failed',
    'Try again later; if it persists, give the operator the incident id in `instance`.',
  ),
};
