export { assumeRoleXml, type AwsCall, type AwsReply, errorXml, FakeAws } from "./fake-aws.ts";
