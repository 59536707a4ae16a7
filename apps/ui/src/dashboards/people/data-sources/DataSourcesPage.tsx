import type { SourceListing } from "@narthex/dashboards";
import { Anchor, Badge, Button, Group } from "@mantine/core";
import { IconLock, IconPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { Link } from "react-router";
import { Card } from "../../../shell/Card.tsx";
import type { DataColumn } from "../../../shell/DataTable.tsx";
import { CardTable } from "../frame/CardTable.tsx";
import { EmptyMessage } from "../../../shell/StatusMessage.tsx";
import { sourcesQuery } from "../../data/dashboard-queries.ts";
import { managesDataSources, type Rights } from "../../data/rights.ts";
import { AdministrationPage } from "../frame/AdministrationPage.tsx";
import { Fetched } from "../frame/Fetched.tsx";

/** Lists the data sources that the user may change. */
export default function DataSourcesPage() {
  return (
    <AdministrationPage
      title="Data sources"
      isFor={managesDataSources}
      reason="Only admins of the organization or of a data source see this page."
      renderToolbar={({ isOrgAdmin }) =>
        isOrgAdmin && (
          <Button
            component={Link}
            to="/connections/datasources/new"
            size="xs"
            leftSection={<IconPlus size={15} aria-hidden />}
          >
            New data source
          </Button>
        )
      }
    >
      {(rights) => <SourceList rights={rights} />}
    </AdministrationPage>
  );
}

function SourceList({ rights: { isOrgAdmin, dataSources } }: { rights: Rights }) {
  const result = useQuery(sourcesQuery);
  const owned = useMemo(() => new Set(dataSources.map(({ uid }) => uid)), [dataSources]);
  return (
    <Fetched result={result} label="Loading data sources">
      {(sources) => <SourceTable sources={isOrgAdmin ? sources : sources.filter(({ uid }) => owned.has(uid))} />}
    </Fetched>
  );
}

function SourceTable({ sources }: { sources: readonly SourceListing[] }) {
  if (sources.length === 0) return <EmptyMessage title="No data sources yet" />;
  return (
    <Card>
      <CardTable
        aria-label="Data sources"
        columns={COLUMNS}
        items={sources}
        keyOf={({ uid }) => uid}
        virtual
        estimatedHeight={() => 48}
      />
    </Card>
  );
}

const COLUMNS: readonly DataColumn<SourceListing>[] = [
  {
    header: "Data source",
    sortKey: ({ name }) => name.toLowerCase(),
    className: "wrap-anywhere",
    cell: ({ uid, name, isDefault }) => (
      <Group gap={8}>
        <Anchor component={Link} to={`/connections/datasources/edit/${encodeURIComponent(uid)}`}>
          {name}
        </Anchor>
        {isDefault && <Badge variant="light">Default</Badge>}
      </Group>
    ),
  },
  {
    header: "Kind",
    sortKey: ({ kind }) => kind.name,
    cell: ({ kind }) => kind.name,
    className: "wrap-anywhere",
  },
  {
    header: "",
    width: 140,
    cell: ({ uid, name }) => (
      <Button
        component={Link}
        to={`/connections/datasources/edit/${encodeURIComponent(uid)}/permissions`}
        size="compact-sm"
        variant="default"
        leftSection={<IconLock size={14} aria-hidden />}
        aria-label={`Permissions of ${name}`}
      >
        Permissions
      </Button>
    ),
  },
];
