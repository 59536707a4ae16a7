// @ts-check

/** @param {import("./narthex-plugin.d.ts").SourceContext} context */
async function groupsOf({ request }) {
  const { status, json } = await request({ path: "/api/v1/metrics" });
  if (status !== 200) throw new Error(`the Pushgateway answered with status ${status}`);
  return json.data;
}

/** @type {import("./narthex-plugin.d.ts").SourceModule["query"]} */
export async function query({ inputs }, context) {
  const rows = [];
  for (const group of await groupsOf(context)) {
    const pushed = Number(group.push_time_seconds?.metrics[0]?.value ?? 0) * 1000;
    for (const { labels, value } of group[String(inputs.metric)]?.metrics ?? [])
      rows.push({ job: labels.job ?? "", pushed, value: Number(value) });
  }
  return [
    {
      fields: [
        { name: "job", type: "string", values: rows.map(({ job }) => job) },
        { name: "last push", type: "time", values: rows.map(({ pushed }) => pushed) },
        { name: "value", type: "number", values: rows.map(({ value }) => value) },
      ],
    },
  ];
}

/** @type {NonNullable<import("./narthex-plugin.d.ts").SourceModule["variableValues"]>} */
export async function variableValues(_query, _range, context) {
  const groups = await groupsOf(context);
  const jobs = new Set(groups.map(({ labels }) => labels.job));
  return [...jobs].map((job) => ({ text: job, value: job }));
}

/** @type {import("./narthex-plugin.d.ts").SourceModule["health"]} */
export async function health(context) {
  const groups = await groupsOf(context);
  return { status: "OK", message: `The Pushgateway has ${groups.length} groups.` };
}
