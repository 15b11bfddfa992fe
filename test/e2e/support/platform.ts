import { before } from 'mocha';
import { onlyOnLinux } from '../../support/commands/results.ts';

/** For every walk: a person's sandboxes are looked at, and the extension host is killed, by the means of Linux. */
before(function () {
  onlyOnLinux(this);
});
