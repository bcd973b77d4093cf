// Identities by position: each statement continues the one before, or changes nothing.
import { expect, test } from 'vitest';
import { RotatingAgent } from '../../test/rotating-agent.ts';
import { StatedIdentities } from './stated-identities.ts';

const NOW = Date.UTC(2026, 10, 20, 10);
const agent = () => new RotatingAgent('ada', 'node.example', NOW);

test('the last statement decides, whatever the agent is called', () => {
  const ada = agent();
  const [first, before] = [ada.did, ada.keyId];
  const stated = new StatedIdentities();
  expect(stated.get(first)).toBeNull();
  expect(stated.state(ada.log)).toEqual({ ok: true });
  ada.rotate(NOW, { host: 'other.example' });
  expect(stated.get(first)?.keys.map(({ id }) => id)).toContain(before);
  expect(stated.state(ada.log)).toEqual({ ok: true });
  for (const did of [first, ada.did]) {
    expect(stated.get(did)).toMatchObject({ did: ada.did, version: 2 });
  }
});

test('a statement of a version that stands already, or of an older one, is stale', () => {
  const ada = agent();
  const old = ada.log;
  const { log } = ada.rotate(NOW);
  const stated = new StatedIdentities();
  stated.state(log);
  for (const again of [log, old]) {
    expect(stated.state(again)).toMatchObject({ reason: 'identity_stale' });
  }
  expect(stated.get(ada.did)?.version).toBe(2);
});

test('the history that was stated first stays, however long another one is', () => {
  const [ada, forked] = [agent(), agent()];
  const stated = new StatedIdentities();
  stated.state(ada.rotate(NOW).log);
  forked.recover(NOW);
  for (let i = 0; i < 2; i++) {
    expect(stated.state(forked.log)).toMatchObject({ reason: 'identity_forked' });
    forked.rotate(NOW);
  }
  expect(stated.get(ada.did)?.versionId).toBe(ada.log.versions[1]?.versionId);
});

test('it goes on from what a log has stated before', () => {
  const ada = agent();
  const before = new StatedIdentities();
  before.state(ada.log);
  const stated = new StatedIdentities([before.get(ada.did)!]);
  expect(stated.state(ada.rotate(NOW).log)).toEqual({ ok: true });
});
