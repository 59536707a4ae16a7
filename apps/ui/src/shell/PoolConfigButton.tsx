import { ActionIcon, Modal, Tooltip } from "@mantine/core";
import { IconFileCode } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { prometheus } from "../api/prometheus.ts";
import { Loaded } from "./Loaded.tsx";
import { YamlView } from "./YamlView.tsx";

function PoolConfig({ pool }: { pool: string }) {
  const result = useQuery({
    queryKey: ["scrape-pool-config", pool],
    queryFn: ({ signal }) => prometheus.scrapePoolConfig(pool, signal),
  });
  return (
    <Loaded result={result} label="Loading the configuration">
      {({ yaml }) => <YamlView yaml={yaml} />}
    </Loaded>
  );
}

/** Button that shows the configuration of a scrape pool. */
export function PoolConfigButton({ pool }: { pool: string }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Tooltip label="Show scrape configuration">
        <ActionIcon
          variant="subtle"
          color="gray"
          m={6}
          aria-label={`Scrape configuration of ${pool}`}
          onClick={() => setOpen(true)}
        >
          <IconFileCode size={17} />
        </ActionIcon>
      </Tooltip>
      <Modal opened={open} onClose={() => setOpen(false)} title={`Scrape configuration: ${pool}`} size="xl">
        {open && <PoolConfig pool={pool} />}
      </Modal>
    </>
  );
}
