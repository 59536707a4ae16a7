import type { JsonValue } from "../../answers/json-value.ts";
import type { TargetLabels } from "../../answers/targets-in-turns.ts";
import { hostPort, prefixedLabels } from "../../target-labels.ts";

/** A port that an app declares for each of its tasks. */
interface AppPort {
  /** Number of the port, or 0 if Mesos chooses it for each task. */
  readonly number: number;
  readonly labels: TargetLabels;
}

/** Returns the labels of one target for each task and port of an app. */
export function* targetsOfApp(app: JsonValue): Iterable<TargetLabels> {
  const inContainerNetwork = app.list("networks")[0]?.text("mode") === "container";
  const declared = declaredPorts(app, inContainerNetwork);
  for (const task of app.list("tasks")) {
    const address = inContainerNetwork ? task.list("ipAddresses")[0] : undefined;
    const host = address === undefined ? task.text("host") : address.text("ipAddress");
    for (const [i, port] of portsOf(task, declared).entries()) {
      yield {
        __address__: hostPort(host, port.number),
        __meta_marathon_task: task.text("id"),
        __meta_marathon_port_index: String(i),
        ...port.labels,
      };
    }
  }
}

/**
 * Returns the ports that an app declares: in its port mappings (which were in another field before Marathon 1.5), or
 * else in its port definitions.
 */
function declaredPorts(app: JsonValue, inContainerNetwork: boolean): readonly AppPort[] {
  const own = app.field("container").list("portMappings");
  const mappings = own.length > 0 ? own : app.at("container", "docker").list("portMappings");
  if (mappings.length > 0) {
    const key = inContainerNetwork ? "containerPort" : "hostPort";
    return mappings.map((mapping) =>
      portOf(mapping, "__meta_marathon_port_mapping_label_", portNumber(mapping.field(key))),
    );
  }
  const isFixed = app.flag("requirePorts");
  return app.list("portDefinitions").map((definition) => {
    const number = portNumber(definition.field("port"));
    return portOf(definition, "__meta_marathon_port_definition_label_", isFixed ? number : 0);
  });
}

const portOf = (declaration: JsonValue, prefix: string, number: number): AppPort => ({
  number,
  labels: prefixedLabels(prefix, declaration.textsByName("labels")),
});

/** Returns the ports of a task: those that the app declares with the numbers that Mesos chose, or else the task's own. */
function portsOf(task: JsonValue, declared: readonly AppPort[]): readonly AppPort[] {
  const chosen = task.list("ports").map(portNumber);
  if (declared.length === 0) return chosen.map((number) => ({ number, labels: {} }));
  if (chosen.length !== declared.length) return declared;
  return declared.map((port, i) => (port.number === 0 ? { ...port, number: chosen[i]! } : port));
}

const portNumber = (value: JsonValue): number => Number(value.asInteger());
