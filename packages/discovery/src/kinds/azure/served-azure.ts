import { defaultHttpClient } from "@narthex/config";
import {
  bearer,
  numbered,
  pageOf,
  proxyEnvironment,
  type ServedAnswer,
  type ServedKind,
  type ServedRequest,
} from "../../testing/served-kind.ts";
import { createAzureDiscoverer } from "./azure.ts";

const TOKEN = "canary-azure-token";
const SECRET = "canary-azure-secret";
const TENANT = "11111111-1111-1111-1111-111111111111";
const GROUP = "/subscriptions/sub-1/resourceGroups/Web-Servers";
const SCALE_SET = `${GROUP}/providers/Microsoft.Compute/virtualMachineScaleSets/workers`;

/**
 * The APIs as in https://learn.microsoft.com/rest/api/compute/ and …/virtualnetwork/, with Microsoft's token server. Each
 * tenth machine belongs to a scale set.
 */
export const servedAzure: ServedKind = {
  key: "azure_sd_configs",
  role: "",
  isInPrometheus: false,
  isInVmagent: true,
  section: ({ viaProxy }) =>
    `subscription_id: sub-1\ntenant_id: ${TENANT}\nclient_id: 22222222-2222-2222-2222-222222222222\n` +
    `client_secret: ${SECRET}\nport: 9100\nrefresh_interval: 60s\n${viaProxy}`,
  environment: proxyEnvironment,
  discoverer: ({ url }) =>
    createAzureDiscoverer({
      env: {},
      tokenClient: {
        ...defaultHttpClient,
        proxyUrl: url,
        tls: { ...defaultHttpClient.tls, insecureSkipVerify: true },
      },
    }),
  fewestTargets: (count) => count - Math.trunc(count / 25),
  serve(count) {
    const isOfSet = (i: number): boolean => i % 10 === 0;
    const all = numbered(count, (i) => i);
    const cloud = azureCloudOf({
      machines: all.filter((i) => !isOfSet(i)).map(azureMachine),
      scaleSetMachines: all.filter(isOfSet).map(azureScaleSetMachine),
    });
    return (request) => (request.host === "login.microsoftonline.com" ? issue(request) : authorized(request, cloud));
  },
};

const authorized = (request: ServedRequest, cloud: (request: ServedRequest) => ServedAnswer): ServedAnswer =>
  request.headers.authorization === bearer(TOKEN)
    ? cloud(request)
    : { status: 401, body: problem("InvalidAuthenticationToken") };

const problem = (code: string): unknown => ({ error: { code, message: "refused" } });

/** Issues a token to the application: in the second version of the API with a number for its lifetime, in the first with a text. */
function issue({ method, path, body }: ServedRequest): ServedAnswer {
  const form = new URLSearchParams(body);
  if (method !== "POST" || form.get("client_secret") !== SECRET)
    return {
      status: 401,
      body: { error: "invalid_client", error_description: "AADSTS7000215: Invalid client secret provided." },
    };
  const token = { token_type: "Bearer", access_token: TOKEN };
  if (path === `/${TENANT}/oauth2/token`)
    return { body: { ...token, expires_in: "3599", resource: form.get("resource") } };
  if (path !== `/${TENANT}/oauth2/v2.0/token`) return { status: 404 };
  const isForManagement = form.get("scope")?.split(" ").includes("https://management.core.windows.net//.default");
  return isForManagement ? { body: { ...token, expires_in: 3599 } } : { status: 400, body: { error: "invalid_scope" } };
}

type Json = Readonly<Record<string, unknown>>;

/** Returns the Azure Resource Manager for these machines. */
export function azureCloudOf({
  machines,
  scaleSetMachines,
}: {
  readonly machines: readonly Json[];
  readonly scaleSetMachines: readonly Json[];
}): (request: ServedRequest) => ServedAnswer {
  const scaleSets = [{ id: SCALE_SET, name: "workers", location: "westeurope" }];
  const lists = new Map<string, readonly unknown[]>([
    ["/subscriptions/sub-1/providers/Microsoft.Compute/virtualMachines", machines],
    [`${GROUP}/providers/Microsoft.Compute/virtualMachines`, machines],
    ["/subscriptions/sub-1/providers/Microsoft.Compute/virtualMachineScaleSets", scaleSets],
    [`${GROUP}/providers/Microsoft.Compute/virtualMachineScaleSets`, []],
    [`${SCALE_SET}/virtualMachines`, scaleSetMachines],
  ]);
  return ({ host, path, query }) => {
    if (host !== "management.azure.com" || query.get("api-version") === null)
      return { status: 404, body: problem("NotFound") };
    const list = lists.get(path);
    if (list === undefined) return interfaceAt(path, query);
    const { items, next } = pageOf(list, 100, query.get("$skiptoken") ?? "");
    // Azure also names the port in some links.
    const link = `https://management.azure.com:443${path}?api-version=${query.get("api-version")}&%24skiptoken=${next}`;
    return { body: { value: items, ...(next !== "" && { nextLink: link }) } };
  };
}

/** Answers a request for a network interface, whose name contains the number of its machine. */
function interfaceAt(path: string, query: URLSearchParams): ServedAnswer {
  const number = /\/(?:Microsoft\.Network|workers\/virtualMachines\/\d+)\/networkInterfaces\/nic-(\d+)-([ab])$/i.exec(
    path,
  );
  if (number === null || query.get("$expand")?.toLowerCase() !== "ipconfigurations/publicipaddress")
    return { status: 404, body: problem("NotFound") };
  const i = Number(number[1]);
  if (number[2] === "a") return { body: { properties: { primary: false, ipConfigurations: [] } } };
  return { body: azureInterface(i) };
}

/** Returns the primary interface of a machine. Each 25th machine is deallocated. */
const azureInterface = (i: number): Json => ({
  name: `nic-${i}-b`,
  properties: {
    ...(i % 25 !== 0 && { primary: true }),
    ipConfigurations: [
      {
        name: "ipconfig1",
        properties: {
          privateIPAddress: `10.1.${Math.trunc(i / 250)}.${i % 250}`,
          ...(i % 2 === 0 && { publicIPAddress: { id: "p", properties: { ipAddress: `198.51.100.${i % 250}` } } }),
        },
      },
    ],
  },
});

const reference = (i: number, name: string, provider: string): Json => ({
  id: `${GROUP}/providers/${provider}/networkInterfaces/nic-${i}-${name}`,
});

/** Returns a machine that is alone. Some machines have a second interface, no tags, or no profile of the operating system. */
export const azureMachine = (i: number): Json => ({
  id: `${GROUP}/providers/Microsoft.Compute/virtualMachines/web-${i}`,
  name: `web-${i}`,
  type: "Microsoft.Compute/virtualMachines",
  location: "westeurope",
  ...(i % 3 !== 0 && { tags: { env: "prod", "cost center": `c${i}`, empty: "" } }),
  properties: {
    hardwareProfile: { vmSize: "Standard_B2s" },
    storageProfile: { osDisk: { osType: i % 4 === 0 ? "Windows" : "Linux" } },
    ...(i % 5 !== 0 && { osProfile: { computerName: `host-${i}` } }),
    networkProfile: {
      networkInterfaces: [
        ...(i % 2 === 0 ? [reference(i, "a", "Microsoft.Network")] : []),
        reference(i, "b", "Microsoft.Network"),
      ],
    },
  },
});

/** Returns a machine of the scale set. */
export const azureScaleSetMachine = (i: number): Json => {
  const machine = `Microsoft.Compute/virtualMachineScaleSets/workers/virtualMachines/${i}`;
  return {
    ...azureMachine(i),
    id: `${GROUP}/providers/${machine}`,
    name: `workers_${i}`,
    instanceId: String(i),
    type: "Microsoft.Compute/virtualMachineScaleSets/virtualMachines",
    properties: {
      ...(azureMachine(i)["properties"] as Json),
      networkProfile: { networkInterfaces: [reference(i, "b", machine)] },
    },
  };
};
