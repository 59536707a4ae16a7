export { type Access, access, type DisabledAccess, type RouteAccess, type RouteTable } from "./server/access.ts";
export { sendInPieces } from "./server/answer-pieces.ts";
export { basicCredentials, TOKEN_USER } from "./server/basic-credentials.ts";
export { cookieOf } from "./server/cookie.ts";
export { isFromOwnPage, SAFE_METHODS } from "./server/own-page.ts";
export {
  hasScope,
  type Identity,
  limitingMatchers,
  type OrgRole,
  type Principal,
  type ReadLimit,
  selectorOf,
} from "./server/principal.ts";
export { isOrgRole, isScope, type Scope, SCOPES, scopesOfRole } from "./server/scope.ts";
export { ApiError, invalidParameter } from "./server/api-error.ts";
export { configuredSigner } from "./aws/configured-signer.ts";
export { awsCredentials } from "./aws/credentials.ts";
export { awsEndpoint, type AwsEnvironment } from "./aws/endpoint.ts";
export { AwsError, type AwsService } from "./aws/aws-service.ts";
export { callJsonRpcApi, escapeUriPart, getRestJson, type JsonRpcApi } from "./aws/json-api.ts";
export { callQueryApi, type QueryApi } from "./aws/query-api.ts";
export { configuredRegion, instanceRegion } from "./aws/region.ts";
export { XmlElement } from "./xml/xml-element.ts";
export { xmlText } from "./xml/xml-text.ts";
export { azureTokens } from "./azure/azure-tokens.ts";
export { readStackitKey, type StackitKey, stackitTokenForm } from "./stackit/stackit-tokens.ts";
export { bearerSigner } from "./client/bearer-signer.ts";
export { beginningOf, limitedBody } from "./client/limited-body.ts";
export { retryAfter } from "./client/retry-after.ts";
export { secretFormFields, secretHeaders, secretsOf, withoutSecrets } from "./client/secrets-in-answers.ts";
export { checkGoogleCredentials, googleTokens } from "./google/google-tokens.ts";
export { InstancePrincipal } from "./oci/instance-principal.ts";
export { ociHost } from "./oci/oci-host.ts";
export { type OciKey, ociSigner } from "./oci/oci-signature.ts";
export type { CloudTransport } from "./client/cloud-transport.ts";
export { RenewedValue } from "./client/renewed-value.ts";
export { isOverload, retried } from "./client/retried.ts";
export { ServiceError } from "./client/service-error.ts";
export { ovhHeaders, type OvhKeys } from "./ovh/ovh-signature.ts";
export { clientTlsOptions, tlsOptionsOf } from "./client/tls-options.ts";
export { observeAnswers } from "./server/answered-requests.ts";
export { BasicAuth } from "./web-config/basic-auth.ts";
export { CertificateError, certificateProblem } from "./client/certificate-problem.ts";
export { describeFailure, failureReason, readProblem } from "./client/failure.ts";
export { responseHead } from "./client/full-requests.ts";
export type { ResponseHead } from "./client/http1-head.ts";
export type { BodySink } from "./client/http1-reader.ts";
export { DIAL_FAILURES, DialCounts, Dialers } from "./client/dial-counts.ts";
export {
  createHttpClient,
  type ExchangeClient,
  type HttpClient,
  type HttpClientOptions,
  type HttpRequest,
} from "./client/http-client.ts";
export type { RequestFields } from "./client/request-head.ts";
export { Proxies } from "./client/proxies.ts";
export { maskPassword, splitUserInfo } from "./client/user-info.ts";
export type { StreamedAnswer } from "./client/streamed-answer.ts";
export { roundRobinLookup } from "./client/round-robin-lookup.ts";
export { OAuth2Tokens } from "./client/oauth2.ts";
export { type Signer, sigV4Signer } from "./client/sigv4.ts";
export { redirectUncleanPaths } from "./server/go-router.ts";
export { acceptedEncoding, compressAnswers } from "./server/compress.ts";
export { envelopeTail, goJson, sendJson, sendSuccess, sendSuccessInSlices, useEnvelope } from "./server/envelope.ts";
export { type Feature, FeatureList } from "./server/feature.ts";
export { type WatchedFile, problemFields, failedFileReloads } from "./web-config/watched-file.ts";
export { FormFields, parseFields } from "./server/form.ts";
export { gzipScrape, metricsRoute } from "./metrics/metrics-route.ts";
export {
  durationParameter,
  formValues,
  limitParameter,
  parseInt64,
  MAX_TIME_MS,
  MIN_TIME_MS,
  parseSeconds,
  parseRangeStart,
  parseTime,
  requiredTime,
  timeParameter,
  wholeForm,
} from "./server/params.ts";
export {
  bodyOf,
  type BodyLimits,
  BodyRefused,
  contentTypeOf,
  heldBodies,
  readHeldBodies,
  readRawBodies,
  wholeBody,
} from "./server/raw-bodies.ts";
export { profileRoutes } from "./metrics/profile-routes.ts";
export { type MetricSource, SelfMetrics } from "./metrics/self-metrics.ts";
export { createHttpServer, type HttpServer, type HttpServerOptions } from "./server/server.ts";
export { sendUiPage, serveUi, uiFolder, type UiRole, upwardFrom } from "./ui/static-ui.ts";
export { ensureUiBundle } from "./ui/ui-bundle.ts";
export { docsFolder, ensureDocsSite } from "./docs/docs-site.ts";
export { serveDocs } from "./docs/static-docs.ts";
export { activatedSockets } from "./server/socket-activation.ts";
export { plainError, redirect, redirectTo } from "./server/go-router.ts";
export { SignInUrlError } from "./sign-in/sign-in.ts";
export { loadWebConfig, WebConfigError } from "./web-config/web-config.ts";
export { machineUrl, routePrefixOf, type WebAddress } from "./server/web-address.ts";
