import { Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useDashboards } from "../../data/use-dashboards.ts";
import { Fetched } from "../frame/Fetched.tsx";
import { SaveForm } from "../frame/SaveForm.tsx";
import { Section } from "../frame/Section.tsx";
import { useChange } from "../frame/use-change.ts";
import { preferencesQuery, profileKey, saveHomeDashboard } from "./profile-api.ts";

/** Maximum number of dashboards in the list of suggestions. The user finds other dashboards by typing. */
const MAX_OFFERED = 100;

/** Section of the profile for the user's preferences, which the server stores. */
export function PreferencesSection() {
  const result = useQuery(preferencesQuery);
  return (
    <Section title="Preferences" about="Theme, time zone and first day of the week are settings of each browser.">
      <Fetched result={result} label="Loading preferences">
        {({ homeDashboardUID }) => <HomeForm key={homeDashboardUID} saved={homeDashboardUID} />}
      </Fetched>
    </Section>
  );
}

function HomeForm({ saved }: { saved: string }) {
  const [uid, setUid] = useState(saved);
  const [search, setSearch] = useState("");
  const { data: hits = [] } = useDashboards(search);
  const change = useChange(() => saveHomeDashboard(uid), [profileKey], { done: "The start page was saved" });
  const dashboards = hits.flatMap(({ type, title, uid: value, folderTitle = "" }) =>
    type === "dash-db" ? [{ value, label: folderTitle === "" ? title : `${folderTitle} / ${title}` }] : [],
  );
  const isKnown = uid === "" || dashboards.some(({ value }) => value === uid);
  return (
    <SaveForm label="Preferences" isReady={uid !== saved} change={change}>
      <Select
        label="Start page"
        description="The dashboard that opens first"
        searchable
        clearable
        limit={MAX_OFFERED}
        placeholder="The start page of the server"
        nothingFoundMessage="No dashboard has this name"
        data={[...dashboards, ...(isKnown ? [] : [{ value: uid, label: uid }])]}
        value={uid === "" ? null : uid}
        onSearchChange={setSearch}
        onChange={(value) => setUid(value ?? "")}
      />
    </SaveForm>
  );
}
