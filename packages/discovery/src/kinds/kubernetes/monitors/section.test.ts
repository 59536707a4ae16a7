import { formatProblem, loadPrometheusConfig, printPrometheusConfig } from "@narthex/config";
import { recordFiles } from "@narthex/config/testing";
import { expect, test } from "vitest";
import { discoverers } from "../../../registry.ts";
import { jobDiscoveryKinds } from "../../../job-discovery.ts";

const load = (files: Readonly<Record<string, string>>) =>
  loadPrometheusConfig("/etc/p/prometheus.yml", {
    files: recordFiles(Object.fromEntries(Object.entries(files).map(([name, text]) => [`/etc/p/${name}`, text]))),
    discoveryKinds: discoverers,
    jobDiscoveryKinds,
  });

const entries = (...texts: readonly string[]): string =>
  `kubernetes_monitor_configs:\n${texts.map((text) => `- ${text}\n`).join("")}`;

test("entries are accepted in the main file and in scrape config files, and their printed form reads the same", async () => {
  const loaded = await load({
    "prometheus.yml": `scrape_config_files: [more/*.yml]\n${entries("{}")}`,
    "more/a.yml": entries(
      "{kinds: [Probe], selector: 'a in (b)', namespace_selector: c, kubeconfig_file: k, service_discovery_role: endpointslice, " +
        "pod_target_labels: [team], ignore_namespace_selectors: true, deny_file_access: true, namespaces: {names: [d]}}",
    ),
  });
  if (!loaded.ok) throw new Error(loaded.problems.map(formatProblem).join());
  expect(loaded.value.jobDiscoveryConfigs.map(({ config }) => config)).toMatchObject([
    {
      kinds: ["ServiceMonitor", "PodMonitor"],
      selector: "",
      serviceDiscoveryRole: "endpoints",
      namespaces: { own: false, names: [] },
    },
    {
      kinds: ["Probe"],
      selector: "a in (b)",
      namespaceSelector: "c",
      kubeconfigFile: "/etc/p/more/k",
      serviceDiscoveryRole: "endpointslice",
      podTargetLabels: ["team"],
      ignoreNamespaceSelectors: true,
      denyFileAccess: true,
      namespaces: { names: ["d"] },
    },
  ]);
  const printed = printPrometheusConfig(loaded.value, discoverers, jobDiscoveryKinds);
  const again = await load({ "prometheus.yml": printed.replace(/^scrape_config_files:\n(?:- .*\n)+/m, "") });
  if (!again.ok) throw new Error(again.problems.map(formatProblem).join());
  const identity = (config: typeof loaded.value): string =>
    printPrometheusConfig({ ...config, scrapeConfigFiles: [] }, discoverers, jobDiscoveryKinds);
  expect(identity(again.value)).toBe(identity(loaded.value));
  expect(again.value.jobDiscoveryConfigs.map(({ config }) => config)).toEqual(
    loaded.value.jobDiscoveryConfigs.map(({ config }) => config),
  );
});

test.each([
  ["{kinds: [ServiceMonitors]}", '2:12: field kinds: unknown kind of monitor "ServiceMonitors"'],
  ["{kinds: []}", "2:11: kinds is empty: nothing is read"],
  ["{service_discovery_role: pod}", '2:28: field service_discovery_role: unknown service_discovery_role "pod"'],
  ["{selector: 'a in'}", "2:14: unable to parse requirement"],
  ["{namespace_selector: '=a'}", "2:24: found '=', expected: !, identifier, or 'end of string'"],
  ["{basic_auth: {username: a}}", "2:3: to use custom HTTP client configuration please provide the 'api_server' URL"],
  [
    "{api_server: 'http://x', kubeconfig_file: k}",
    "2:45: cannot use 'kubeconfig_file' and 'api_server' simultaneously",
  ],
  ["{selectors: a}", "2:4: field selectors not found in type kubernetes.plain; did you mean selector?"],
])("%s is refused: %s", async (entry, words) => {
  const loaded = await load({ "prometheus.yml": entries(entry) });
  expect(loaded.ok ? "" : loaded.problems.map(formatProblem).join("\n")).toContain(`/etc/p/prometheus.yml:${words}`);
});
