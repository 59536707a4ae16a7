import { unreadFiles } from "@narthex/dashboards-app";
import { loadWebConfig, WebConfigError } from "@narthex/http";
import type { Check } from "../check.ts";
import { error, type Finding, ok, warning } from "../finding.ts";
import type { Subject } from "../subject/subject.ts";

/**
 * Checks the configuration files and all files that they name, with the readers of `promtool check config` and `amtool
 * check-config`.
 */
export const config: Check = {
  name: "config",
  about: "the configuration files and all files that they name: rules, templates, credentials, web configuration",
  async run({ subject, configurations }) {
    const { prometheus, alertmanager } = await configurations();
    const checked = [
      ...prometheus.map((one) => ({ ...one, command: `narthex promtool check config ${one.file}` })),
      ...alertmanager.map((one) => ({ ...one, command: `narthex amtool check-config ${one.file}` })),
    ];
    const findings = checked.flatMap(({ file, verdict, command }): Finding[] => {
      const again = `correct it, then check again: ${command}`;
      const warnings = verdict.warnings.map((text) => warning(text, again));
      if (verdict.errors.length > 0) return [...verdict.errors.map((text) => error(text, again)), ...warnings];
      return [ok(`${file} and the files that it names can be read`), ...warnings];
    });
    const webConfigs = new Set(subject.roles.map(({ webConfig }) => webConfig).filter((file) => file !== ""));
    const settings = subject.roles.flatMap(({ role, settingsProblem }) =>
      settingsProblem === undefined
        ? []
        : [error(`${role}: ${settingsProblem}`, "correct the setting in its file, variable or argument")],
    );
    return [...findings, ...settings, ...withoutEffect(subject), ...[...webConfigs].map(webConfigFinding)];
  },
};

/** Reports settings and provisioning files of the dashboards that have no effect. */
const withoutEffect = ({ roles }: Subject): readonly Finding[] =>
  roles.flatMap(({ role, settingsWarnings = [], provisioning }) => [
    ...settingsWarnings.map((text) => warning(`${role}: ${text}`, "remove the setting")),
    ...(provisioning === undefined ? [] : unreadFiles(provisioning)).map((text) =>
      warning(`${role}: ${text}`, "move the content of the files, then remove them"),
    ),
  ]);

function webConfigFinding(file: string): Finding {
  try {
    loadWebConfig(file);
    return ok(`${file} can be read`);
  } catch (cause) {
    if (!(cause instanceof WebConfigError)) throw cause;
    return error(cause.message, `correct it, then check again: narthex promtool check web-config ${file}`);
  }
}
