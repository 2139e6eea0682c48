// Teaches the gesture before anybody has to use it, and says what the camera is for. Out of hours
// it says when to come back instead.
import QtQuick

Item {
    id: page

    readonly property var notes: bridge.screen.paragraphs ?? []
    readonly property bool open: answers.tiles.length > 0

    GestureLesson {
        id: lesson
        visible: page.open
        width: parent.width
        height: page.height - answers.height - notice.height - 64
    }

    OpeningSheet {
        visible: opening !== null && !page.open
        width: parent.width
        height: Math.min(640, lesson.height)
    }

    Answers {
        id: answers
        width: parent.width
        y: lesson.height + 32
        tileHeight: 170
    }

    Words {
        id: notice
        y: page.height - height
        width: parent.width
        text: page.notes.join(" ")
        color: bridge.theme.muted
        size: 28
    }
}
