import { awsSignatureOf } from "../../testing/served-aws.ts";
import { numbered, pageOf, type ServedKind, type ServedRequest } from "../../testing/served-kind.ts";

const KEYS = { access: "ABCDEFGHIJ0123456789", secret: "canary-outscale" };
const PAGE_SIZE = 100;

/** The API as in https://docs.outscale.com/api.html#readvms. */
export const servedOutscale: ServedKind = {
  key: "outscale_sd_configs",
  role: "",
  isInPrometheus: false,
  section: ({ url }) =>
    `endpoint: ${url}/api/v1\nregion: eu-west-2\nport: 9100\naccess_key: ${KEYS.access}\nsecret_key: ${KEYS.secret}`,
  serve(count) {
    const all = numbered(count, machine);
    return (request) => {
      if (!isSigned(request)) return refusal(401, "AccessDenied", "1");
      if (request.method !== "POST" || request.path !== "/api/v1/ReadVms") return refusal(404, "NotFound", "7");
      const { NextPageToken: token = "" } = JSON.parse(request.body) as { NextPageToken?: string };
      const { items, next } = pageOf(all, PAGE_SIZE, token);
      const ResponseContext = { RequestId: "0475ca1e-d0c5-441d-712a-da55a4175157" };
      return { body: { ResponseContext, Vms: items, ...(next === "" ? {} : { NextPageToken: next }) } };
    };
  },
  // Every tenth machine has no address.
  fewestTargets: (instances) => instances - Math.floor(instances / 10),
};

const refusal = (status: number, Type: string, Code: string) => ({
  status,
  body: { Errors: [{ Type, Details: "", Code }] },
});

function isSigned(request: ServedRequest): boolean {
  const signature = awsSignatureOf(request);
  if (signature === undefined) return false;
  const { accessKey, region, service } = signature;
  return accessKey === KEYS.access && region === "eu-west-2" && service === "oapi" && signature.isMadeWith(KEYS.secret);
}

const machine = (i: number): unknown => ({
  VmType: "tinav5.c1r1p2",
  VmInitiatedShutdownBehavior: "stop",
  State: i % 4 === 0 ? "stopped" : "running",
  Architecture: "x86_64",
  VmId: `i-${String(i).padStart(8, "0")}`,
  ImageId: "ami-12345678",
  CreationDate: "2020-10-29T12:32:48.511Z",
  Placement: { Tenancy: "default", SubregionName: "eu-west-2a" },
  Nics: [],
  Tags:
    i % 2 === 0
      ? [
          { Key: "name", Value: `vm-${i}` },
          { Key: "env/team", Value: "prod" },
          { Key: "empty", Value: "" },
        ]
      : [],
  ...(i % 10 === 0 || i % 3 === 0 ? {} : { PrivateIp: `10.0.0.${i % 250}` }),
  ...(i % 10 === 0 ? {} : { PublicIp: `192.0.2.${i % 250}` }),
});
