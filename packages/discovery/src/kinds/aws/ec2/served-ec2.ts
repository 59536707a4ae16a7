import { instance, instancesXml, zonesXml } from "../../../testing/ec2-answers.ts";
import { numbered, pageOf } from "../../../testing/served-kind.ts";
import { servedAws } from "../../../testing/served-aws.ts";

/** Number of instances on a page of EC2, if the request does not name it. */
const PAGE_SIZE = 100;

/** The API as in https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstances.html. */
export const servedEc2 = servedAws({
  name: "ec2",
  isInPrometheus: true,
  serve(count) {
    const instances = numbered(count, (i) =>
      instance({ instanceId: `i-${i}`, privateIpAddress: `10.0.${i >> 8}.${i % 256}`, tags: { Name: `Server_${i}` } }),
    );
    return ({ operation, form }) => {
      if (operation === "DescribeAvailabilityZones") return { body: zonesXml };
      const { items, next } = pageOf(instances, PAGE_SIZE, form.get("NextToken") ?? "");
      return { body: instancesXml(...items, { nextToken: next }) };
    };
  },
});
