import "../../styles/mantine.css";
import { Anchor, Select, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useNavigate } from "react-router";
import { sourcesQuery } from "../../data/dashboard-queries.ts";
import { AdministrationPage } from "../frame/AdministrationPage.tsx";
import { Fetched } from "../frame/Fetched.tsx";
import { SaveForm } from "../frame/SaveForm.tsx";
import { Section } from "../frame/Section.tsx";
import { useChange } from "../frame/use-change.ts";
import { addSource, type SourceKindForm, sourceKindsQuery } from "./data-sources-api.ts";

/** Page that adds a data source. The user then edits its settings on another page. */
export default function NewDataSourcePage() {
  const { data, error, refetch } = useQuery(sourceKindsQuery);
  return (
    <AdministrationPage
      title="New data source"
      isFor={({ isOrgAdmin }) => isOrgAdmin}
      reason="Only admins of the organization add data sources."
      summary={
        <Anchor component={Link} to="/connections/datasources" size="sm">
          All data sources
        </Anchor>
      }
    >
      {() => (
        <Fetched result={{ data, error, refetch }} label="Loading the kinds of data sources">
          {(kinds) => <NewSource kinds={kinds} />}
        </Fetched>
      )}
    </AdministrationPage>
  );
}

function NewSource({ kinds }: { kinds: readonly SourceKindForm[] }) {
  const [type, setType] = useState(kinds[0]?.types[0] ?? "");
  const kind = kinds.find(({ types }) => types[0] === type);
  const [given, setGiven] = useState<string>();
  const name = given ?? kind?.name ?? "";
  const navigate = useNavigate();
  const add = useChange(async () => {
    const { datasource } = await addSource({ name: name.trim(), type, jsonData: kind?.defaults ?? {} });
    void navigate(`/connections/datasources/edit/${encodeURIComponent(datasource.uid)}`);
  }, [sourcesQuery.queryKey]);
  return (
    <Section title="Kind and name" about="The settings follow in the next step.">
      <SaveForm label="New data source" action="Continue" isReady={type !== "" && name.trim() !== ""} change={add}>
        <Select
          label="Kind"
          searchable
          allowDeselect={false}
          data={kinds.map(({ types, name: label }) => ({ value: types[0]!, label }))}
          value={type}
          onChange={(next) => setType(next ?? "")}
        />
        <TextInput label="Name" required value={name} onChange={({ currentTarget }) => setGiven(currentTarget.value)} />
      </SaveForm>
    </Section>
  );
}
