import { basic, numbered, type ServedKind } from "../../testing/served-kind.ts";

const PASSWORD = "canary-ionos";
const DATACENTER = "8feda53f-15f0-447f-badf-ebe32dad2fc0";
const PATH = `/cloudapi/v6/datacenters/${DATACENTER}/servers`;

/** The API as in https://api.ionos.com/docs/cloud/v6/#tag/Servers. */
export const servedIonos: ServedKind = {
  key: "ionos_sd_configs",
  role: "",
  isInPrometheus: true,
  section: ({ viaProxy }) =>
    `datacenter_id: ${DATACENTER}\nport: 9100\nbasic_auth: {username: user, password: ${PASSWORD}}\n${viaProxy}`,
  serve(count) {
    const items = numbered(count, server);
    return ({ host, path, query, headers }) => {
      if (headers.authorization !== basic("user", PASSWORD))
        return { status: 401, body: { httpStatus: 401, messages: [{ errorCode: "315", message: "Unauthorized" }] } };
      if (host !== "api.ionos.com" || path !== PATH || query.get("depth") !== "3")
        return { status: 404, body: { httpStatus: 404, messages: [{ errorCode: "309", message: "Not found" }] } };
      return { body: { id: `${DATACENTER}/servers`, type: "collection", href: "", items, offset: 0, limit: 1000 } };
    };
  },
  // Every tenth server has no address.
  fewestTargets: (instances) => instances - Math.floor(instances / 10),
};

const metadata = {
  etag: "45480eb3fbfc31f1d916c1eaa4abdcc3",
  createdDate: "2015-12-04T14:34:09.809Z",
  state: "AVAILABLE",
};

const server = (i: number): unknown => ({
  id: `15f67991-0f51-4efc-a8ad-${String(i).padStart(12, "0")}`,
  type: "server",
  href: `https://api.ionos.com${PATH}/${i}`,
  metadata,
  properties: {
    templateUuid: null,
    name: `server-${i}`,
    cores: 4,
    ram: 4096,
    availabilityZone: "AUTO",
    vmState: i % 4 === 0 ? "SHUTOFF" : "RUNNING",
    bootCdrom: i % 3 === 0 ? { id: "0e4d57f9-cd78-11e9-b88c-525400f64d8d", type: "image", href: "" } : null,
    bootVolume: { id: "c3fc6c8e-4b1c-4b2d-9ac5-e9f3b6b5c5e7", type: "volume", href: "" },
    cpuFamily: "INTEL_SKYLAKE",
    type: "ENTERPRISE",
  },
  entities: {
    cdroms: { id: "", type: "collection", href: "", items: [] },
    volumes: {
      id: "",
      type: "collection",
      href: "",
      items:
        i % 2 === 0
          ? [
              {
                id: "v",
                type: "volume",
                href: "",
                metadata,
                properties: { name: "boot", image: `image-${i}`, size: 10 },
              },
            ]
          : [],
    },
    nics: { id: "", type: "collection", href: "", items: cards(i) },
  },
});

const card = (name: string | null, ips: readonly string[] | null): unknown => ({
  id: `nic-${name}`,
  type: "nic",
  href: "",
  metadata,
  properties: { name, mac: "02:01:6d:a7:75:e6", ips, dhcp: true, lan: 1, firewallActive: false },
});

function cards(i: number): readonly unknown[] {
  if (i % 10 === 0) return [card("no address", [])];
  const first = card("metadata", [`192.0.2.${i % 250}`, `192.0.3.${i % 250}`]);
  if (i % 3 === 0) return [first, card(null, [`198.51.100.${i % 250}`]), card("metadata", [`203.0.113.${i % 250}`])];
  return i % 2 === 0 ? [first, card("empty", [])] : [first];
}
