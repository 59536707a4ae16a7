export { type AwsSignature, awsSignatureOf } from "./aws-signature.ts";
export { assumeRoleXml, type AwsCall, type AwsReply, errorXml, FakeAws } from "./fake-aws.ts";
export {
  type RecordedAnswer,
  type RecordedRequest,
  type RecordingServer,
  recordingServer,
} from "./recording-server.ts";
export { askAt, routeLines, routesNotForTheirScopes, signInRole } from "./sign-in-walk.ts";
export { type SendRequest, CLIENTS, routesAnsweringElse, routesNotForUsersAlone, SECRET_HASH } from "./route-walk.ts";
