import { describeFailing } from './failing.ts';
import { describeLife } from './life.ts';

// What `npm test` leaves out of the second program.
describeLife('celesto');
describeFailing('celesto');
