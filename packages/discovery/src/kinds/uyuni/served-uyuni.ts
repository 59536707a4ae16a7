import { numbered, type ServedAnswer, type ServedKind } from "../../testing/served-kind.ts";

const TOKEN = "canary-uyuni-session";

/** The API as in https://www.uyuni-project.org/uyuni-docs-api/uyuni/index.html. */
export const servedUyuni: ServedKind = {
  key: "uyuni_sd_configs",
  role: "",
  isInPrometheus: true,
  section: ({ url }) => `server: ${url}\nusername: reader\npassword: canary-uyuni & co`,
  serve(count) {
    const answers: ReadonlyMap<string, string> = new Map([
      ["system.listSystemGroupsForSystemsWithEntitlement", arrayXml(count, groupsXml)],
      ["system.monitoring.listEndpoints", arrayXml(count, endpointXml)],
      ["system.getNetworkForSystems", arrayXml(count, networkXml)],
    ]);
    return ({ method, path, body }) => {
      if (method !== "POST" || path !== "/rpc/api") return { status: 404 };
      const called = /<methodName>([^<]*)/.exec(body)?.[1] ?? "";
      const [first, second] = [...body.matchAll(/<string>([^<]*)/g)].map(([, word]) => word);
      if (called === "auth.login") {
        const isKnown = first === "reader" && second === "canary-uyuni &amp; co";
        return isKnown
          ? resultXml(`<string>${TOKEN}</string>`)
          : faultXml(2950, "Either the password or username is incorrect.");
      }
      if (first !== TOKEN) return faultXml(2950, "Could not find session with id");
      const answer = answers.get(called);
      return answer === undefined ? faultXml(-1, "no such method") : resultXml(answer);
    };
  },
};

const DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n';

const resultXml = (value: string): ServedAnswer => ({
  headers: { "content-type": "text/xml" },
  body: `${DECLARATION}<methodResponse><params><param><value>${value}</value></param></params></methodResponse>`,
});

export const faultXml = (code: number, message: string): ServedAnswer => ({
  headers: { "content-type": "text/xml" },
  body: `${DECLARATION}<methodResponse><fault><value>${structXml({ faultCode: `<int>${code}</int>`, faultString: message })}</value></fault></methodResponse>`,
});

const structXml = (members: Readonly<Record<string, string>>): string =>
  `<struct>${Object.entries(members)
    .map(([name, value]) => `<member><name>${name}</name><value>${value}</value></member>`)
    .join("\n")}</struct>`;

const arrayXml = (count: number, item: (i: number) => string): string =>
  `<array><data>${numbered(count, (i) => `<value>${item(i)}</value>`).join("\n")}</data></array>`;

const groupsXml = (i: number): string =>
  structXml({
    id: `<i4>${1_000_000_000 + i}</i4>`,
    system_groups: arrayXml(i % 3, (j) =>
      structXml({ id: `<i4>${j}</i4>`, name: `<string>group &lt;${j}&gt;</string>` }),
    ),
  });

const endpointXml = (i: number): string =>
  structXml({
    system_id: `<i4>${1_000_000_000 + i}</i4>`,
    endpoint_name: "<string>node_exporter</string>",
    port: `<i4>${i % 2 === 0 ? 9100 : 9999}</i4>`,
    path: i % 2 === 0 ? "/metrics" : "<string>/proxy</string>",
    module: i % 2 === 0 ? "<string/>" : "node",
    exporter_name: "node_exporter",
    tls_enabled: `<boolean>${i % 2}</boolean>`,
  });

const networkXml = (i: number): string =>
  structXml({
    system_id: `<i4>${1_000_000_000 + i}</i4>`,
    ip: `192.0.2.${i % 250}`,
    ip6: "",
    hostname: `host-${i}.example.com`,
    primary_fqdn: `<string>host-${i}.example.com</string>`,
  });
