// When work is due: wishes outlive the work that is under way, and what is gone is forgotten.
import { describe, expect, it } from 'vitest';
import { Agenda } from './agenda.ts';

describe('Agenda', () => {
  it('has everything due that nobody has postponed', () => {
    const agenda = new Agenda();
    expect(agenda.due('a')).toBe(0);
    agenda.postpone('a', 7);
    expect([agenda.due('a'), agenda.due('b')]).toEqual([7, 0]);
  });

  it('keeps a wish that comes while the work is under way', () => {
    const agenda = new Agenda();
    agenda.wish('a');
    agenda.begin('a');
    agenda.wish('a');
    agenda.postpone('a', 7);
    expect(agenda.due('a')).toBe(0);
    agenda.begin('a');
    expect(agenda.due('a')).toBe(7);
  });

  it('takes what is new as a wish, once', () => {
    const agenda = new Agenda();
    agenda.wishFor('a', 3);
    agenda.begin('a');
    agenda.postpone('a', 7);
    agenda.wishFor('a', 3);
    expect(agenda.due('a')).toBe(7);
    agenda.wishFor('a', 4);
    expect(agenda.due('a')).toBe(0);
    agenda.keepOnly(new Set());
    agenda.postpone('a', 7);
    agenda.wishFor('a', 1);
    expect(agenda.due('a')).toBe(0);
  });

  it('forgets what there is no work for any more', () => {
    const agenda = new Agenda();
    agenda.postpone('a', 7);
    agenda.wish('b');
    agenda.postpone('b', 7);
    agenda.keepOnly(new Set());
    expect([agenda.due('a'), agenda.due('b')]).toEqual([0, 0]);
    agenda.postpone('b', 7);
    expect(agenda.due('b')).toBe(7);
  });
});
