import {
    Many2ManyBinaryField,
    many2ManyBinaryField,
} from "@web/views/fields/many2many_binary/many2many_binary_field";
import {FileModel} from "@web/core/file_viewer/file_model";
import {registry} from "@web/core/registry";
import {useFileViewer} from "@web/core/file_viewer/file_viewer_hook";

/**
 * Files that are looked at where they are: pictures and PDFs open over the page and are
 * leafed through; what a browser can't show is downloaded.
 */
export class FilesField extends Many2ManyBinaryField {
    static template = "power_service_base.FilesField";

    setup() {
        super.setup();
        this.viewer = useFileViewer();
    }

    onClickFile(ev, {id}) {
        const files = this.files.map((each) => Object.assign(new FileModel(), each));
        const file = files.find((each) => each.id === id);
        if (file.isViewable) {
            ev.preventDefault();
            this.viewer.open(file, files);
        }
    }
}

registry.category("fields").add("power_files", {
    ...many2ManyBinaryField,
    component: FilesField,
});
