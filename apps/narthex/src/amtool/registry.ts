import type { CommandGroup } from "../command-line/command.ts";
import { alertAcknowledge, alertAcknowledged, alertWithdraw } from "./alert-acknowledge.ts";
import { alertAdd } from "./alert-add.ts";
import { alertQuery } from "./alert-query.ts";
import { alertWhy } from "./alert-why.ts";
import { checkConfig } from "./check-config.ts";
import { clusterShow } from "./cluster-show.ts";
import { configShow } from "./config-show.ts";
import { globalFlags } from "./global-flags.ts";
import { notificationQuery } from "./notification-query.ts";
import { receiverTest } from "./receiver-test.ts";
import { recurringAdd } from "./recurring-add.ts";
import { recurringList } from "./recurring-list.ts";
import { routesFlags, routesShow } from "./routes-show.ts";
import { routesTest } from "./routes-test.ts";
import { routesUnitTest } from "./routes-unit-test.ts";
import type { Session } from "./session.ts";
import { silenceAdd } from "./silence-add.ts";
import { recurringExpire, silenceExpire } from "./silence-expire.ts";
import { silenceImport } from "./silence-import.ts";
import { silenceQuery } from "./silence-query.ts";
import { silenceUpdate } from "./silence-update.ts";
import { templatePreview } from "./template-preview.ts";
import { templateRender } from "./template-render.ts";

/**
 * All commands of amtool. To add a command: (1) copy silence-expire.ts, the shortest; (2) fill in name, flags and run;
 * (3) add a line here; (4) run `pnpm docs:write`, which generates help and docs page from the definition.
 */
export const amtool: CommandGroup<Session> = {
  name: "amtool",
  help: "View and modify the current Alertmanager state. Flags may be set in $HOME/.config/amtool/config.yml or /etc/amtool/config.yml, under their names.",
  flags: globalFlags,
  commands: [
    {
      name: "alert",
      help: "Add or query alerts.",
      default: "query",
      commands: [alertQuery, alertAdd, alertWhy, alertAcknowledge, alertWithdraw, alertAcknowledged],
    },
    {
      name: "silence",
      help: "Add, expire or view silences.",
      default: "query",
      commands: [
        silenceAdd,
        silenceExpire,
        silenceImport,
        silenceQuery,
        silenceUpdate,
        {
          name: "recurring",
          help: "Recurring silences: rules with weekdays, times and days.",
          default: "list",
          commands: [recurringAdd, recurringExpire, recurringList],
        },
      ],
    },
    checkConfig,
    { name: "cluster", help: "View cluster status and peers.", default: "show", commands: [clusterShow] },
    {
      name: "config",
      help: "View current config.",
      default: "show",
      commands: [
        configShow,
        {
          name: "routes",
          help: "Print and test the routing tree.",
          flags: routesFlags,
          default: "show",
          commands: [routesShow, routesTest, routesUnitTest],
        },
      ],
    },
    { name: "notification", help: "View past notifications.", default: "query", commands: [notificationQuery] },
    { name: "receiver", help: "Try receivers.", commands: [receiverTest] },
    { name: "template", help: "Render template files.", commands: [templateRender, templatePreview] },
  ],
};
