import { SpecError } from "../../custom-objects/spec-error.ts";
import { fieldTable, flag, headers, keptText, object, secret, text, textMap } from "./field-table.ts";
import { httpConfig, mailTls } from "./http-config.ts";

const sendResolved = flag("send_resolved");

const THREADING: ReadonlyMap<string, string> = new Map([
  ["Daily", "daily"],
  ["None", "none"],
]);

export const email = fieldTable({
  sendResolved,
  to: text("to"),
  from: text("from"),
  hello: text("hello"),
  smarthost: text("smarthost"),
  authUsername: text("auth_username"),
  authPassword: secret("auth_password"),
  authSecret: secret("auth_secret"),
  authIdentity: text("auth_identity"),
  headers: headers("headers"),
  html: keptText("html"),
  text: keptText("text"),
  requireTLS: flag("require_tls"),
  tlsConfig: mailTls,
  forceImplicitTLS: flag("force_implicit_tls"),
  threading: {
    name: "threading",
    read(fields, key) {
      const threading = fields.object(key)!;
      const found = threading.text("threadByDate");
      const byDate = THREADING.get(found);
      if (byDate !== undefined) return { enabled: true, thread_by_date: byDate };
      throw new SpecError(`${threading.at("threadByDate")} ${JSON.stringify(found)} is neither Daily nor None`, true);
    },
  },
});

const sigv4 = fieldTable({
  region: text("region"),
  accessKey: secret("access_key"),
  secretKey: secret("secret_key"),
  profile: {
    name: "profile",
    read(fields, key) {
      if (fields.text(key) === "") return undefined;
      const what = `${fields.at(key)} names credentials in a file of the Alertmanager, which is refused`;
      throw new SpecError(`${what}: use accessKey and secretKey`, true);
    },
  },
  roleArn: text("role_arn"),
  externalId: text("external_id"),
  useFIPSSTSEndpoint: flag("use_fips_sts_endpoint"),
});

export const sns = fieldTable({
  sendResolved,
  apiURL: text("api_url"),
  sigv4: object("sigv4", sigv4),
  topicARN: text("topic_arn"),
  subject: text("subject"),
  phoneNumber: text("phone_number"),
  targetARN: text("target_arn"),
  message: text("message"),
  attributes: textMap("attributes"),
  httpConfig,
  useAWSHTTPClient: flag("use_aws_http_client"),
});
