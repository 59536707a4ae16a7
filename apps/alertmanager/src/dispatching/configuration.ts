import { type AlertmanagerConfig, mergedConfig, mergedPrintable } from "@narthex/alertmanager-config";
import { printYamlInSteps } from "@narthex/config";
import type { Renderer } from "@narthex/receivers";
import { type Clock, TimeSlice } from "@narthex/runtime";
import type { AcceptedObject } from "../kubernetes-configs/object-states.ts";
import type { LoadedFile } from "./load-config.ts";

/** The configuration file together with the objects of Kubernetes. */
export interface Configuration {
  readonly file: LoadedFile;
  readonly objects: readonly AcceptedObject[];
  readonly config: AlertmanagerConfig;
  readonly renderer: Renderer;
  /** YAML for the status page, with default values and without secrets. */
  readonly yaml: string;
  /** A text that differs for different configurations. */
  readonly identity: string;
}

/** Adds objects to the configuration of a file. */
export async function configurationOf(
  file: LoadedFile,
  objects: readonly AcceptedObject[],
  clock: Clock,
): Promise<Configuration> {
  const configs = objects.map(({ config }) => config);
  const slice = new TimeSlice(clock);
  const printed = configs.length === 0 ? file.printed : mergedPrintable(file.printed, configs);
  return {
    file,
    objects,
    config: configs.length === 0 ? file.config : mergedConfig(file.config, configs),
    renderer: file.renderer,
    yaml: await printYamlInSteps(printed, () => slice.yieldToEventLoop()),
    identity: [file.text, ...objects.map(({ digest }) => digest)].join("\n"),
  };
}

/** Reports whether a configuration consists of the given file and objects. */
export const isMadeOf = (configuration: Configuration, file: LoadedFile, objects: readonly AcceptedObject[]): boolean =>
  configuration.file === file &&
  configuration.objects.length === objects.length &&
  configuration.objects.every((object, i) => object === objects[i]);
