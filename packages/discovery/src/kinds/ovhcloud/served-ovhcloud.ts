import { createHash } from "node:crypto";
import { numbered, type ServedKind, type ServedRequest } from "../../testing/served-kind.ts";

const KEYS = { application: "application", secret: "canary-ovh-secret", consumer: "canary-ovh-consumer" };
/** Time of the service in seconds. The clocks of clients are wrong. */
const TIME = 1_700_000_000;

/** Returns the served API of one service, as in https://eu.api.ovh.com/console. */
const served = (
  service: string,
  list: string,
  nameOf: (i: number) => string,
  make: (i: number) => object,
): ServedKind => ({
  key: "ovhcloud_sd_configs",
  role: service,
  isInPrometheus: true,
  section: ({ url }) =>
    `endpoint: ${url}/1.0\napplication_key: ${KEYS.application}\napplication_secret: ${KEYS.secret}\n` +
    `consumer_key: ${KEYS.consumer}\nservice: ${service}`,
  serve(count) {
    const path = `/1.0${list}`;
    const answers = new Map<string, unknown>([[path, numbered(count, nameOf)]]);
    for (const i of numbered(count, (number) => number)) {
      answers.set(`${path}/${nameOf(i)}`, make(i));
      answers.set(`${path}/${nameOf(i)}/ips`, addresses(i));
    }
    return (request) => {
      if (request.path === "/1.0/auth/time") return { body: TIME };
      if (!isSigned(request))
        return { status: 403, body: { class: "Client::Forbidden", message: "Invalid signature" } };
      const body = answers.get(request.path);
      if (body === undefined)
        return { status: 404, body: { class: "Client::NotFound", message: "This service does not exist" } };
      return { body };
    };
  },
  // Every tenth server has no usable address.
  fewestTargets: (instances) => instances - Math.floor(instances / 10),
});

/** Returns whether the signature of a request is that of OVHcloud's documentation, for the time of the service. */
function isSigned({ method, headers, path, body }: ServedRequest): boolean {
  const time = Number(headers["x-ovh-timestamp"]);
  if (Math.abs(time - TIME) > 30) return false;
  const url = `http://${headers.host}${path}`;
  const text = [KEYS.secret, KEYS.consumer, method, url, body, time].join("+");
  const signature = `$1$${createHash("sha1").update(text).digest("hex")}`;
  return (
    headers["x-ovh-application"] === KEYS.application &&
    headers["x-ovh-consumer"] === KEYS.consumer &&
    headers["x-ovh-signature"] === signature
  );
}

function addresses(i: number): readonly string[] {
  if (i % 10 === 0) return ["2001:db8::/64", "0.0.0.0/32"];
  if (i % 3 === 0) return [`2001:41d0:${i}::1`, "2001:db8::/128"];
  if (i % 2 === 0) return [`192.0.2.${i % 250}/32`, `2001:0DB8:0:0::${i}`];
  return [`192.0.2.${i % 250}`, `198.51.100.${i % 250}`, "198.51.100.0/24"];
}

const vps = (i: number): object => ({
  keymap: null,
  zone: "zone",
  model: {
    maximumAdditionnalIp: 2,
    offer: "VPS abc",
    datacenter: i % 2 === 0 ? ["eu-west", "eu-east"] : [],
    vcore: 4,
    version: "2019v1",
    name: "vps-value-1-2-40",
    disk: 40,
    memory: 2048,
  },
  displayName: `My server ${i}`,
  monitoringIpBlocks: [],
  cluster: "cluster_test",
  state: i % 4 === 0 ? "stopped" : "running",
  name: `vps-${i}.vps.ovh.net`,
  netbootMode: "local",
  memoryLimit: 2048,
  offerType: "ssd",
  vcore: 1,
  slaMonitoring: false,
});

const dedicatedServer = (i: number): object => ({
  ip: "1.2.3.4",
  newUpgradeSystem: true,
  commercialRange: "Advance-1 Gen 2",
  rack: i % 2 === 0 ? "TESTRACK" : null,
  rescueMail: null,
  supportLevel: "pro",
  bootId: 1,
  linkSpeed: i % 3 === 0 ? null : 123,
  professionalUse: false,
  monitoring: true,
  noIntervention: i % 4 === 0,
  name: `ns${i}.ip-1-2-3.eu`,
  rootDevice: null,
  state: "ok",
  datacenter: "gra3",
  os: "debian11_64",
  reverse: `ns${i}.ip-1-2-3.eu`,
  serverId: 1000 + i,
});

export const servedOvhcloudVps = served("vps", "/vps", (i) => `vps-${i}.vps.ovh.net`, vps);
export const servedOvhcloudDedicatedServers = served(
  "dedicated_server",
  "/dedicated/server",
  (i) => `ns${i}.ip-1-2-3.eu`,
  dedicatedServer,
);
