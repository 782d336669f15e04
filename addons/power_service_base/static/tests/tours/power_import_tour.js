import {registry} from "@web/core/registry";

// Rows: one good, one with a broken phone, one with an unknown area.
const HEADER =
    "source_system,external_ref,consumer_number,customer_ref,customer_name," +
    "customer_kind,phone,area_code,element_code,customer_class,contract_ref," +
    "contract_from";
const ROWS = [
    "m,P1,5300000001,C1,张三,person,138 0012 3456,A1,T1,residential,H1,2023年5月1日",
    "m,P2,5300000002,C2,李四,person,12,A1,T1,residential,H2,2023-05-01",
    "m,P3,5300000003,C3,王五,person,13800123458,NO,T1,residential,H3,2023-05-01",
];

registry.category("web_tour.tours").add("power_import_tour", {
    steps: () => [
        {trigger: ".o_list_button_add", run: "click"},
        {
            content: "choose the dirty file",
            trigger: ".o_field_widget[name=file] input[type=file]:not(:visible)",
            async run() {
                const file = new File(
                    [[HEADER, ...ROWS].join("\r\n")],
                    "customers.csv",
                    {
                        type: "text/csv",
                    }
                );
                const transfer = new DataTransfer();
                transfer.items.add(file);
                this.anchor.files = transfer.files;
                this.anchor.dispatchEvent(new Event("change", {bubbles: true}));
            },
        },
        {trigger: ".o_field_widget[name=file] input[type=text]:value(customers.csv)"},
        {trigger: "button[name=action_check].btn-primary", run: "click"},
        {
            content: "both broken rows are named",
            trigger:
                ".o_field_widget[name=refused_ids] .o_data_row:contains(phone):contains(12)",
        },
        {
            trigger:
                ".o_field_widget[name=refused_ids] .o_data_row:contains(area_code):contains(NO)",
        },
        {trigger: "button[name=action_import]:contains(Import)", run: "click"},
        {trigger: ".o_statusbar_status .o_arrow_button_current:contains(Done)"},
        {trigger: "button[name=action_open_records]", run: "click"},
        {
            content: "the good row is a supply point now",
            trigger: ".o_list_view .o_data_row:contains(5300000001)",
        },
    ],
});
