import { instance, instancesXml, zonesXml } from "@narthex/discovery/testing";
import { type AwsCall, type AwsReply, errorXml, FakeAws } from "@narthex/http/testing";
import { expect, test } from "vitest";
import { eventually } from "../../support/eventually.ts";
import { lacks } from "../../support/requirements.ts";
import { serve } from "../../support/serving.ts";
import { Workplace } from "../../support/workplace.ts";
import { discoveredLabels } from "./discovered-labels.ts";

const KEYS = "access_key: AKIDEXAMPLE, secret_key: wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const FILTERED = "us-east-1/ec2";

/** Returns a configuration with two jobs for the same AWS account, one with filters. Targets are never scraped. */
const config = (url: string): string => `global: {scrape_interval: 1y, scrape_timeout: 1s}
scrape_configs:
- job_name: all
  proxy_url: http://127.0.0.1:1
  ec2_sd_configs: [{endpoint: "${url}", region: eu-west-1, port: 9100, refresh_interval: 1s, ${KEYS}}]
  relabel_configs: [{action: labelmap, regex: __meta_(.+)}]
- job_name: some
  proxy_url: http://127.0.0.1:1
  ec2_sd_configs: [{endpoint: "${url}", region: us-east-1, refresh_interval: 1s, ${KEYS}, filters: [{name: "tag:a b", values: [x, "y&z"]}]}]
  relabel_configs: [{action: drop, source_labels: [__meta_ec2_platform], regex: windows}]
`;

const first = [
  instance(),
  instance({ instanceId: "i-gone", privateIpAddress: undefined, nics: [] }),
  instance({
    instanceId: "i-spot",
    privateIpAddress: "10.0.0.4",
    vpcId: undefined,
    platform: "windows",
    instanceLifecycle: "spot",
    tags: { "a:b c.é": "x&amp;y &lt;", empty: "", "": "nokey" },
  }),
  instance({
    instanceId: "i-six",
    privateIpAddress: "10.0.0.5",
    nics: [
      { subnet: "subnet-a", device: 0, addresses: [["2001:db8::1", false]] },
      { subnet: "subnet-b", device: 2, addresses: [["2001:db8::2", true]] },
      { subnet: "subnet-a", device: 1, addresses: [] },
    ],
  }),
  instance({ instanceId: "i-bare", privateIpAddress: "10.0.0.6", ipAddress: undefined, nics: [], tags: {} }),
];
const second = [instance({ instanceId: "i-new", privateIpAddress: "10.0.0.7" }), first[4]!];

/** Answers a DescribeInstances request with one instance on each page. Only one of the two jobs sends filters. */
function pages(instances: readonly string[], { scope, params }: AwsCall): AwsReply {
  const filter = ["Name", "Value.1", "Value.2"].map((part) => params.get(`Filter.1.${part}`));
  expect(filter).toEqual(scope === FILTERED ? ["tag:a b", "x", "y&z"] : [null, null, null]);
  const page = Number(params.get("NextToken") ?? 0);
  // An outdated page token is refused: the instances changed while the client was listing them, and the client must
  // start from the first page.
  if (page >= instances.length) return { status: 400, xml: errorXml("InvalidNextToken", "the token has expired") };
  return instancesXml(instances[page]!, { nextToken: page + 1 < instances.length ? String(page + 1) : "" });
}

/** Reports whether a label is compared. The label for the best IPv6 address exists only since about Prometheus 3.8. */
const isCompared = (name: string): boolean =>
  /^(?:__address__|__meta_.*|job)$/.test(name) && name !== "__meta_ec2_default_ipv6_address";

test.skipIf(lacks("peers"))(
  "EC2 discovery finds the same as Prometheus, page by page, after changes and refusals",
  async () => {
    await using aws = await FakeAws.start();
    aws.actions.set("DescribeAvailabilityZones", () => zonesXml);
    aws.actions.set("DescribeInstances", (call) => pages(first, call));
    using workplace = new Workplace();
    const settings = { config: config(aws.url), flags: [] };
    await using ours = await serve("narthex", workplace, "ours", settings);
    await using theirs = await serve("prometheus", workplace, "theirs", settings);
    const agree = (what: string, count: number, text: string): Promise<void> =>
      eventually(what, async () => {
        const [own, peer] = await Promise.all([
          discoveredLabels(ours.base, isCompared),
          discoveredLabels(theirs.base, isCompared),
        ]);
        expect(own).toEqual(peer);
        expect(own).toHaveLength(count);
        expect(JSON.stringify(own)).toContain(text);
      });
    await agree("the first instances", 8, "i-spot");
    aws.actions.set("DescribeInstances", (call) => pages(second, call));
    await agree("changed instances", 4, "i-new");
    aws.actions.set("DescribeInstances", () => ({ status: 401, xml: errorXml("AuthFailure", "who is it?") }));
    await eventually("refusals", () => Promise.resolve(expect(aws.calls.splice(0).length).toBeGreaterThan(0)));
    await agree("what there was before the refusals", 4, "i-new");
  },
);
