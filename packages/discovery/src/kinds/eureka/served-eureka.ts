import { basic, numbered, type ServedKind } from "../../testing/served-kind.ts";

const INSTANCES_OF_AN_APPLICATION = 5;

/** The API as in https://github.com/Netflix/eureka/wiki/Eureka-REST-operations. */
export const servedEureka: ServedKind = {
  key: "eureka_sd_configs",
  role: "",
  isInPrometheus: true,
  isInVmagent: true,
  section: ({ url }) => `server: ${url}/eureka\nbasic_auth: {username: reader, password: canary-eureka}`,
  serve(count) {
    const answer = applicationsXml(count);
    return ({ path, headers }) => {
      if (headers.authorization !== basic("reader", "canary-eureka")) return { status: 401 };
      if (path !== "/eureka/apps") return { status: 404 };
      return { headers: { "content-type": "application/xml" }, body: answer };
    };
  },
};

function applicationsXml(count: number): string {
  const applications = numbered(Math.ceil(count / INSTANCES_OF_AN_APPLICATION), (i) => {
    const first = (i - 1) * INSTANCES_OF_AN_APPLICATION;
    const size = Math.min(INSTANCES_OF_AN_APPLICATION, count - first);
    const instances = numbered(size, (j) => instanceXml(`APP-${i}`, first + j));
    return `<application><name>APP-${i}</name>\n${instances.join("\n")}</application>`;
  });
  return `<applications>\n<versions__delta>1</versions__delta>\n<apps__hashcode>UP_${count}_</apps__hashcode>
${applications.join("\n")}\n</applications>`;
}

const instanceXml = (application: string, i: number): string => `<instance>
  <instanceId>host-${i}:${application}:8080</instanceId>
  <hostName>host-${i}.example.com</hostName>
  <app>${application}</app>
  <ipAddr>192.0.2.${i % 250}</ipAddr>
  <status>${i % 4 === 0 ? "DOWN" : "UP"}</status>
  <overriddenstatus>UNKNOWN</overriddenstatus>
  ${i % 3 === 0 ? "" : '<port enabled="true">8080</port>'}
  <securePort enabled="false">443</securePort>
  <countryId>1</countryId>
  ${dataCenterXml(i)}
  <leaseInfo><renewalIntervalInSecs>30</renewalIntervalInSecs><durationInSecs>90</durationInSecs></leaseInfo>
  <metadata${i % 5 === 0 ? ' class="java.util.Collections$EmptyMap"/>' : `><management.port>8080</management.port><team>a &amp; b</team></metadata>`}
  <homePageUrl>http://host-${i}.example.com:8080/</homePageUrl>
  <statusPageUrl>http://host-${i}.example.com:8080/actuator/info</statusPageUrl>
  <healthCheckUrl>http://host-${i}.example.com:8080/actuator/health</healthCheckUrl>
  <vipAddress>app</vipAddress>
  <secureVipAddress>app</secureVipAddress>
  <isCoordinatingDiscoveryServer>false</isCoordinatingDiscoveryServer>
  <actionType>ADDED</actionType>
</instance>`;

const dataCenterXml = (i: number): string =>
  i % 2 === 0
    ? '<dataCenterInfo class="com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo"><name>MyOwn</name></dataCenterInfo>'
    : `<dataCenterInfo class="com.netflix.appinfo.AmazonInfo"><name>Amazon</name>
    <metadata><ami-id>ami-${i}</ami-id><availability-zone>us-east-1c</availability-zone></metadata></dataCenterInfo>`;
