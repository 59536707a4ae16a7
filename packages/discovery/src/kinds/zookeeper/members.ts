import { sanitizeLabelName, hostPort } from "../../target-labels.ts";
import type { JsonValue } from "../../answers/json-value.ts";
import type { TargetLabels } from "../../answers/targets-in-turns.ts";

/** Returns the labels of the target that a node describes. Throws AnswerError if its JSON has fields of a wrong type. */
export type Member = (data: JsonValue, path: string) => TargetLabels;

/**
 * Reads a member of a server set, as Twitter's Finagle and Apache Aurora register it:
 * `{"serviceEndpoint":{"host":"h","port":1},"additionalEndpoints":{},"status":"ALIVE","shard":0}`.
 */
export function serversetMember(data: JsonValue, path: string): TargetLabels {
  const member = fieldsOf(data);
  const { host, port } = endpoint(member("serviceEndpoint"));
  const labels: Record<string, string> = {
    __address__: hostPort(host, Number(port)),
    __meta_serverset_path: path,
    __meta_serverset_endpoint_host: host,
    __meta_serverset_endpoint_port: port,
    __meta_serverset_status: member("status")?.asText() ?? "",
    __meta_serverset_shard: member("shard")?.asInteger() ?? "0",
  };
  for (const [name, value] of member("additionalEndpoints")?.entries() ?? []) {
    const other = endpoint(value);
    labels[`__meta_serverset_endpoint_host_${sanitizeLabelName(name)}`] = other.host;
    labels[`__meta_serverset_endpoint_port_${sanitizeLabelName(name)}`] = other.port;
  }
  return labels;
}

/** Reads a member as Airbnb's Nerve registers it: `{"host":"h","port":1,"name":"n"}`. */
export function nerveMember(data: JsonValue, path: string): TargetLabels {
  const member = fieldsOf(data);
  const { host, port } = endpoint(data);
  return {
    __address__: hostPort(host, Number(port)),
    __meta_nerve_path: path,
    __meta_nerve_endpoint_host: host,
    __meta_nerve_endpoint_port: port,
    __meta_nerve_endpoint_name: member("name")?.asText() ?? "",
  };
}

function endpoint(value: JsonValue | undefined): { readonly host: string; readonly port: string } {
  const field = value === undefined ? () => undefined : fieldsOf(value);
  return { host: field("host")?.asText() ?? "", port: field("port")?.asInteger() ?? "0" };
}

/** Returns a function that returns fields by their names without regard to case, as Go's decoder does. */
function fieldsOf(value: JsonValue): (name: string) => JsonValue | undefined {
  const fields = new Map(value.entries().map(([name, one]) => [name.toLowerCase(), one]));
  return (name) => fields.get(name.toLowerCase());
}
