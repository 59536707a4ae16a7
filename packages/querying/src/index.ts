export { ActiveQueryTracker } from "./query-log/active-query-tracker.ts";
export type { LabelListing, ListingScope, SearchListing } from "./listing/listing.ts";
export type { ActiveJob } from "./scheduler/active-jobs.ts";
export { acceptedTypes, selectorsOf } from "./remote-read/answer/read-request.ts";
export { restrictReadRequest } from "./remote-read/answer/restrict-read-request.ts";
export type { RemoteReadListing } from "./remote-read/answer/remote-read-listing.ts";
export { SAMPLES, STREAMED_XOR_CHUNKS } from "./remote-read/read-messages.ts";
export type {
  ResultSummary,
  JsonResponse,
  QueryLane,
  QueryRequest,
  QueryOrigin,
  StreamedResponse,
} from "./scheduler/query-lane.ts";
export { type LaneName, openQueryScheduler, type QueryScheduler } from "./scheduler/query-scheduler.ts";
export type { RuleTexts } from "./metric-usage/metric-usage-listing.ts";
export { UsageRecord } from "./metric-usage/usage-record.ts";
export { joinSources } from "./sources/joined-sources.ts";
export { longTermSource, remoteSource, type SharedSources } from "./sources/source-handles.ts";
export { type EndpointObserver, RemoteEndpoint } from "./remote-read/client/remote-endpoint.ts";
export { RemoteEndpoints } from "./remote-read/client/remote-endpoints.ts";
export { LongTermReader } from "./long-term/client/long-term-reader.ts";
export { FailureBackoff } from "./long-term/client/failure-backoff.ts";
export { LongTermStore, type StoreObserver } from "./long-term/client/long-term-store.ts";
export { type MetadataAnswer, readStoreMetadata } from "./long-term/store-metadata.ts";
export { remoteReadQueryable } from "./remote-read/source/remote-read-source.ts";
export { serveRemoteReads } from "./remote-read/source/reader-port.ts";
export { formatTime } from "./response/query-json.ts";
export { QueryLog } from "./query-log/query-log.ts";
