import { describeFailing, describeMore } from './failing.ts';
import { describeLife } from './life.ts';

// What `npm test` leaves out of the second program, and what neither needs every time.
describeLife('celesto');
describeFailing('celesto');
describeMore('smolvm');
describeMore('celesto');
