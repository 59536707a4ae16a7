import type { QueryApi } from "@narthex/http";
import type { AwsSession } from "../aws-access.ts";

const API_VERSION = "2016-11-15";

/** Returns the API of EC2 in a region. `endpoint` is a URL, or "" for the region's standard endpoint. */
export const ec2Api = (session: AwsSession, endpoint = ""): QueryApi => ({
  ...session.service({ name: "EC2", id: "ec2" }, endpoint),
  version: API_VERSION,
});
