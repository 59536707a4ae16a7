import { gzipSync } from "node:zlib";
import type { Random } from "../../support/random.ts";
import { protobufBody, textBody, type Vocabulary } from "./bodies.ts";
import { snappyFrames } from "./snappy-frames.ts";

/** An HTTP request that is sent to our Pushgateway and to the original Pushgateway. */
export interface GatewayRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | undefined;
}

const PROTOBUF = "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited";
const JOBS = ["a", "b", "a%20b", "%C3%BC", "a.b-c_d~", "a@b", "U__x", "a+b", "%2e", "x%3Fy", "a:b;c=d,e", "(a)!*'"];
// Job names in base64, all of them valid UTF-8. With an invalid name, the original Pushgateway creates the group and
// then refuses every push and scrape.
const BASE64_JOBS = ["YQ", "YQ==", "L3Zhci90bXA", "=", "w7w=", "!", "YQ=Q", "Y", "YWE*", "4pyI", "LV8t"];
const LABELS = ["l", "zone", "instance", "Z", "job"];
const ODD_LABELS = [
  "odd.label",
  "U__odd_2e_label",
  "U__a__b",
  "U__bad_zz_",
  "%C3%BC",
  "fo-o",
  "__x",
  "1a",
  "le",
  "quantile",
  "U___x",
  "a:b",
];
const VALUES = ["x", "y", "1", "a%20b", "%C3%BC", "a@base64", "%5C", "%22q%22", "a%0Ab", "$&+"];
const PATHS = [
  "/metrics",
  "/metrics/",
  "/metrics/job",
  "/metrics/job/",
  "/metrics/job@base64",
  "/metrics/job//l/x",
  "/metrics//job/a",
  "/metrics/job/a/l/../m/x",
  "/metrics/job/a/./l/x",
  "/metrics/job/a%2Fb/l",
  "/metrics/job/a/l/x%2Fy",
  "/metrics/jobs/a",
  "/metrics/foo/a",
  "/api/v1/status",
  "/api/v1/metrics",
  "/api/v1/nothing",
  "/api/v1",
  "/api",
  "/-/healthy",
  "/-/ready",
  "/-/quit",
  "/nothing",
  "/status/",
  "/metrics/job/a?x=y&l=z",
  "/metrics/job/a/l/?x",
];

/**
 * Generates a random sequence of requests. Most requests push to a few groups, so that the requests affect each other.
 */
export function requestSequence(random: Random, hasUtf8Names: boolean, isChecking: boolean): GatewayRequest[] {
  const words: Vocabulary = { random, hasUtf8Names, isChecking, types: new Map() };
  // The first request is a push, because the metrics that count requests exist only after a push.
  const first = { method: "PUT", path: "/metrics/job/first", headers: {}, body: Buffer.from("first 1\n") };
  const rest = Array.from({ length: 4 + random.below(9) }, () => request(words));
  return [first, ...rest];
}

function request(words: Vocabulary): GatewayRequest {
  const { random } = words;
  if (random.chance(4))
    return plain(random.pick(["GET", "HEAD", "OPTIONS", "PUT", "POST", "DELETE", "PATCH"]), random.pick(PATHS));
  if (random.chance(2)) return plain("PUT", "/api/v1/admin/wipe");
  const path = groupPath(words);
  if (random.chance(6)) return plain(random.pick(["GET", "HEAD", "OPTIONS", "PATCH"]), path);
  const method = random.weighted([
    [5, "POST"],
    [4, "PUT"],
    [2, "DELETE"],
  ]);
  return method === "DELETE" ? plain(method, path) : push(words, method, path);
}

const plain = (method: string, path: string): GatewayRequest => ({ method, path, headers: {}, body: undefined });

function groupPath({ random, hasUtf8Names }: Vocabulary): string {
  let path = random.chance(12) ? `/metrics/job@base64/${random.pick(BASE64_JOBS)}` : `/metrics/job/${jobOf(random)}`;
  for (
    let i = random.weighted([
      [5, 0],
      [4, 1],
      [1, 2],
    ]);
    i > 0;
    i--
  ) {
    const label = random.chance(hasUtf8Names ? 25 : 5) ? random.pick(ODD_LABELS) : random.pick(LABELS);
    // The instance in the path is never empty. Otherwise the push time metrics of such a push could repeat those of
    // another group. The original Pushgateway would then refuse the push but store it, and fail on all later requests.
    path +=
      label !== "instance" && random.chance(12)
        ? `/${label}@base64/${random.pick(BASE64_JOBS)}`
        : `/${label}/${random.pick(VALUES)}`;
  }
  if (random.chance(2)) path += "/odd";
  return random.chance(3) ? `${path}/` : path;
}

const jobOf = (random: Random): string => (random.chance(75) ? random.pick(["a", "b"]) : random.pick(JOBS));

function push(words: Vocabulary, method: string, path: string): GatewayRequest {
  const { random } = words;
  const isProtobuf = random.chance(30);
  const body = isProtobuf ? protobufBody(words) : textBody(words);
  const type = isProtobuf
    ? protobufType(random)
    : random.pick([undefined, "text/plain", "application/x-www-form-urlencoded", "application/json", "bad / type;"]);
  const headers = type === undefined ? {} : { "content-type": type };
  const encoding = random.weighted([
    [20, ""],
    [3, "gzip"],
    [2, "snappy"],
    [1, "GZip"],
    [1, "deflate"],
  ]);
  if (encoding === "") return { method, path, headers, body };
  return { method, path, headers: { ...headers, "content-encoding": encoding }, body: packed(random, encoding, body) };
}

/**
 * Generates a random Content-Type that the original Pushgateway accepts as the protobuf type. The original Pushgateway
 * compares parameters by name, in any order, quoted or not.
 */
function protobufType(random: Random): string {
  return random.weighted([
    [10, PROTOBUF],
    [1, 'application/vnd.google.protobuf;encoding="delimited"; proto=io.prometheus.client.MetricFamily'],
    [1, "Application/Vnd.Google.Protobuf; Proto=io.prometheus.client.MetricFamily; ENCODING=delimited; x=y"],
  ]);
}

function packed(random: Random, encoding: string, body: Uint8Array): Uint8Array {
  const kind = encoding.toLowerCase();
  if (kind === "deflate") return body;
  const bytes = kind === "gzip" ? gzipSync(body) : snappyFrames(body);
  if (random.chance(85)) return bytes;
  return random.pick([
    () => bytes.subarray(0, random.below(bytes.length)),
    () => body,
    () => new Uint8Array(),
    () => Buffer.from("\x1f\x8b no gzip", "latin1"),
  ])();
}
