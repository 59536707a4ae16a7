import type { FlagTable } from "@narthex/runtime";
import type { CommandTable } from "narthex/command-tables";

interface ManPageOptions {
  readonly version: string;
  /** Date of the page, seconds since 1970. */
  readonly epoch: number;
}

/** Returns the man page of `narthex`: all commands with their flags. */
export function manPage(commands: readonly CommandTable[], { version, epoch }: ManPageOptions): string {
  const day = new Date(epoch * 1000).toISOString().slice(0, 10);
  return [
    `.TH NARTHEX 1 "${day}" "narthex ${version}" "User Commands"`,
    // Aligns lines to the left, because justified lines with long flags would have wide gaps.
    ".ad l",
    ".SH NAME",
    "narthex \\- monitoring: metrics, alerts and dashboards in one program",
    ".SH SYNOPSIS",
    ".B narthex",
    ".I command",
    "[\\fIflags\\fR]",
    ".SH DESCRIPTION",
    "One program with a role for each program that it stands in for: the server (Prometheus), the Alertmanager, the",
    "Pushgateway, the node exporter (and cAdvisor) and the dashboards (Grafana), with the tools promtool and amtool.",
    "Each command takes the flags of its original;",
    ".B narthex up",
    "starts the whole stack.",
    ".PP",
    "A flag is written \\fB\\-\\-flag=value\\fR or \\fB\\-\\-flag value\\fR. One that takes no value is turned off by",
    "\\fB\\-\\-no\\-flag\\fR. \\fB@file\\fR stands for the arguments in a file, one in each line.",
    ".SH COMMANDS",
    ...commands.flatMap((table) => section(table, "")),
    ".SH EXIT STATUS",
    "0 when all went well, 1 else; tools have the statuses of their originals.",
    ".SH FILES",
    ".TP",
    "\\&./data",
    "What \\fBnarthex up\\fR stores, unless \\fB\\-\\-data\\-dir\\fR names another folder.",
    "",
  ].join("\n");
}

function section(table: CommandTable, before: string): string[] {
  const words = `${before}${table.name}`;
  const usage = table.operands === "" ? words : `${words} ${table.operands}`;
  return [
    `.SS "${roff(`narthex ${usage}`).replaceAll('"', "\\(dq")}"`,
    ...paragraph(table.help),
    ...flagList(table.flags),
    ...table.commands.flatMap((child) => section(child, `${words} `)),
  ];
}

function flagList(flags: FlagTable): string[] {
  return Object.entries(flags).flatMap(([name, flag]) => {
    const value = flag.boolean ? "" : `=\\fI${roff(flag.print(flag.default)) || '""'}\\fR`;
    const short = flag.short === undefined ? "" : `\\fB\\-${flag.short}\\fR, `;
    return [
      ".TP",
      `${short}\\fB\\-\\-${flag.boolean ? "[no\\-]" : ""}${roff(name)}\\fR${value}`,
      ...paragraph(flag.help),
    ];
  });
}

const paragraph = (text: string): string[] =>
  text.split("\n").map((line) => roff(line.trim()).replace(/^(?=[.'])/, "\\&"));

/** Escapes text so that roff prints it literally. */
const roff = (text: string): string => text.replaceAll("\\", "\\e").replaceAll("-", "\\-");
