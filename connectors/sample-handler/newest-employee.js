// Of two employees with one e-mail address the one that was updated last stays. The other is copied to table
// former_employee and deleted, with its supplies. Of two that were updated at once the one with the larger id stays: which
// of them was refused must make no difference.
//
//   on_error: { one_email: { script: newest-employee.js }, default: quarantine }

function isNewer(a, b) {
    return a.updated_at === b.updated_at ? a.id > b.id : a.updated_at > b.updated_at;
}

function handle(exception, query) {
    if (exception.table !== 'public.employee' || exception.others.length !== 1) {
        return fallback();
    }
    const refused = exception.refused.row;
    const standing = exception.others[0].row;
    const loser = isNewer(refused, standing) ? standing : refused;
    const supplies = query(exception.database, 'SELECT id FROM public.supply WHERE employee = ?', loser.id);
    return {
        changes: [upsert('public.former_employee', loser)]
            .concat(supplies.map(supply => remove('public.supply', supply)))
            .concat([remove('public.employee', loser)]),
        reason: 'of two employees with one address the one updated last stays'
    };
}
