import { decodeYaml } from "@narthex/config";
import { expect, test } from "vitest";
import { refreshError, targetsOf } from "../../testing/one-answer.ts";
import { eurekaDiscoverer } from "./eureka.ts";

const section = (url: string): string => `server: ${url}/eureka`;

test("an instance has a label for each of its properties, and the raw content of its metadata", async () => {
  const body = `<?xml version="1.0"?><applications><application><name>CART</name><instance>
    <hostName>h1</hostName><homePageUrl>http://h1/</homePageUrl><statusPageUrl>http://h1/s</statusPageUrl>
    <healthCheckUrl>http://h1/h</healthCheckUrl><app>CART</app><ipAddr>192.0.2.1</ipAddr><vipAddress>v</vipAddress>
    <secureVipAddress>sv</secureVipAddress><status>UP</status><port enabled="true"> 8080 </port>
    <securePort enabled="false">443</securePort><countryId>1</countryId><instanceId>i1</instanceId>
    <dataCenterInfo class="x"><name>Amazon</name><metadata><ami-id>ami-1</ami-id></metadata></dataCenterInfo>
    <metadata><a.b>x &amp; <i>y</i></a.b><n:c xmlns:n="u">1</n:c><a.b>z</a.b><empty/></metadata>
  </instance></application></applications>`;
  expect(await targetsOf(eurekaDiscoverer, section, { body })).toEqual([
    {
      __address__: "h1:8080",
      instance: "i1",
      __meta_eureka_app_name: "CART",
      __meta_eureka_app_instance_hostname: "h1",
      __meta_eureka_app_instance_homepage_url: "http://h1/",
      __meta_eureka_app_instance_statuspage_url: "http://h1/s",
      __meta_eureka_app_instance_healthcheck_url: "http://h1/h",
      __meta_eureka_app_instance_ip_addr: "192.0.2.1",
      __meta_eureka_app_instance_vip_address: "v",
      __meta_eureka_app_instance_secure_vip_address: "sv",
      __meta_eureka_app_instance_status: "UP",
      __meta_eureka_app_instance_port: "8080",
      __meta_eureka_app_instance_port_enabled: "true",
      __meta_eureka_app_instance_secure_port: "443",
      __meta_eureka_app_instance_secure_port_enabled: "false",
      __meta_eureka_app_instance_country_id: "1",
      __meta_eureka_app_instance_id: "i1",
      __meta_eureka_app_instance_datacenterinfo_name: "Amazon",
      __meta_eureka_app_instance_datacenterinfo_metadata_ami_id: "ami-1",
      __meta_eureka_app_instance_metadata_a_b: "z",
      __meta_eureka_app_instance_metadata_c: "1",
    },
  ]);
});

test("an instance without properties has the port 80, and a host with colons has brackets", async () => {
  const body = "<applications><application><instance><hostName>::1</hostName></instance></application></applications>";
  expect(await targetsOf(eurekaDiscoverer, section, { body })).toEqual([
    {
      __address__: "[::1]:80",
      __meta_eureka_app_instance_hostname: "::1",
      __meta_eureka_app_instance_country_id: "0",
    },
  ]);
});

const withInstance = (xml: string): string =>
  `<applications><application><instance>${xml}</instance></application></applications>`;

test.each([
  ["", "answer is not XML: "],
  ["<applications>", "answer is not XML: "],
  ['{"applications": {}}', "answer is not XML: "],
  [withInstance("<port>x</port>"), 'port of an instance is no integer: "x"'],
  [withInstance("<countryId>1.5</countryId>"), 'countryId of an instance is no integer: "1.5"'],
  [withInstance('<port enabled="yes">1</port>'), 'enabled of port of an instance is no boolean: "yes"'],
])("the answer %s is a failed refresh", async (body, message) => {
  expect(await refreshError(eurekaDiscoverer, section, { body })).toContain(message);
});

test("an answer with another status is a failed refresh", async () => {
  const message = await refreshError(eurekaDiscoverer, section, { status: 500, body: "broken" });
  expect(message).toMatch(/\/eureka\/apps answered with HTTP status 500 Internal Server Error: broken$/);
});

test.each([
  ["{}", "eureka_sd: empty or null eureka server", 1],
  ["refresh_interval: 1m\nserver: ''", "eureka_sd: empty or null eureka server", 2],
  ["server: eureka.example", "eureka_sd: invalid eureka server URL", 1],
  ["server: http:/path", "eureka_sd: invalid eureka server URL", 1],
  ["server: 'http://a b/'", 'field server: parse "http://a b/": invalid character " " in host name', 1],
  ["server: http://h\nnope: 1", "field nope not found in type eureka.plain", 2],
])("the section %j is refused", (yaml, message, line) => {
  expect(decodeYaml(yaml, "test.yml", eurekaDiscoverer.codec)).toMatchObject({
    ok: false,
    problems: [{ message, line }],
  });
});
