/** What the phone itself gives: photos, position, the map and the telephone. */

const LONGEST_SIDE = 1600;
const QUALITY = 0.8;
const POSITION_OPTIONS = {enableHighAccuracy: true, timeout: 8000, maximumAge: 30000};

/** @returns {Promise<string>} the file's content in base64 */
function toBase64(blob) {
    return new Promise((resolve, reject) => {
        const reader = new FileReader();
        reader.onload = () => resolve(reader.result.split(",")[1]);
        reader.onerror = () => reject(reader.error);
        reader.readAsDataURL(blob);
    });
}

/** @returns {[number, number]} the size in which a photo of this size is kept */
export function getPhotoSize(width, height) {
    const scale = Math.min(1, LONGEST_SIDE / Math.max(width, height));
    return [
        Math.max(1, Math.round(width * scale)),
        Math.max(1, Math.round(height * scale)),
    ];
}

/**
 * Make a photo small enough for a bad network: a JPEG of 1600 pixels at most, turned
 * as it was taken.
 *
 * @param {File} file
 * @returns {Promise<string>} base64
 * @throws {Error} the browser can't read the file as a picture
 */
export async function shrinkPhoto(file) {
    const bitmap = await createImageBitmap(file, {imageOrientation: "from-image"});
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = getPhotoSize(bitmap.width, bitmap.height);
    const context = canvas.getContext("2d");
    context.fillStyle = "white"; // behind what is transparent: JPEG would make it black
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    bitmap.close();
    const blob = await new Promise((resolve) => {
        canvas.toBlob(resolve, "image/jpeg", QUALITY);
    });
    return toBase64(blob);
}

/**
 * @returns {Promise<Object>} `latitude`, `longitude`, `accuracy` (metres), or nothing
 *   in it when the phone doesn't know, doesn't answer in time or may not tell
 */
export function getPosition() {
    return new Promise((resolve) => {
        if (!navigator.geolocation || !window.isSecureContext) {
            resolve({});
            return;
        }
        navigator.geolocation.getCurrentPosition(
            ({coords: {latitude, longitude, accuracy}}) =>
                resolve({latitude, longitude, accuracy}),
            () => resolve({}),
            POSITION_OPTIONS
        );
    });
}

/** @returns {string} a link that opens the phone's own map, empty without a place */
export function getMapLink({latitude, longitude, address}, userAgent) {
    const isApple = /iPhone|iPad|Macintosh/.test(userAgent);
    if (latitude || longitude) {
        const place = `${latitude},${longitude}`;
        const label = encodeURIComponent(address || place);
        return isApple
            ? `maps:?ll=${place}&q=${label}`
            : `geo:${place}?q=${place}(${label})`;
    }
    if (!address) {
        return "";
    }
    const query = encodeURIComponent(address);
    return isApple ? `maps:?q=${query}` : `geo:0,0?q=${query}`;
}

/** @returns {string} a link that calls the number, empty when it is none */
export function getCallLink(phone) {
    const number = phone.replace(/[^\d+*#,;]/g, "");
    return number ? `tel:${number}` : "";
}
